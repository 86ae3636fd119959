import { changedSettings, freshChunks, freshUrl } from '../rows.ts'
import { type Case, CHUNKS, pick, TASKS } from '../stage.ts'
import { pointBudget } from './reads.ts'

const UPDATE_TEXT = `update ${TASKS} set title = ? where id = ?`
const CHUNK = ['url', 'chunk_number', 'content', 'source_id', 'metadata'] as const

export const WRITE_CASES: readonly Case[] = [
  {
    name: 'point-write',
    title: 'one column of one row',
    budget: pointBudget,
    raw: (stage) => (i) => stage.raw.run(UPDATE_TEXT, [`title ${i}`, pick(stage, i)]),
    archon: (stage) => (i) =>
      stage.db.update(TASKS, { title: `title ${i}` }, { where: { id: pick(stage, i) }, returning: false }),
  },
  {
    name: 'bulk-insert',
    title: '10,000 rows',
    budget: () => 1.1,
    raw: (stage) => async () => {
      const url = freshUrl()
      const rows = Array.from({ length: 10_000 }, (_, i) => [url, i, `content ${i}`, 'bench', `{"a":${i}}`])
      await stage.raw.insertMany(CHUNKS, CHUNK, rows)
    },
    archon: (stage) => () => stage.db.insert(CHUNKS, freshChunks(), { returning: false }),
  },
  {
    name: 'upsert',
    title: '1,000 settings, all found',
    raw: (stage) => () => {
      const rows = changedSettings().map(({ key, value }) => [key, value])
      return stage.raw.upsertMany('archon_settings', 'key', ['key', 'value'], rows)
    },
    archon: (stage) => () =>
      stage.db.upsert('archon_settings', changedSettings(), { onConflict: ['key'], returning: false }),
  },
  {
    name: 'update-by-filter',
    title: 'some 500 rows at once',
    raw: (stage) => (i) =>
      stage.raw.run(`update ${TASKS} set feature = ? where task_order between ? and ?`, [`f${i}`, 1000, 1500]),
    archon: (stage) => (i) =>
      stage.db.update(
        TASKS,
        { feature: `f${i}` },
        { where: { task_order: { between: [1000, 1500] } }, returning: false },
      ),
  },
  {
    name: 'transaction',
    title: 'five statements',
    raw: (stage) => (i) =>
      stage.raw.transaction(async (run) => {
        for (let n = 0; n < 5; n++) await run(UPDATE_TEXT, [`t${i}`, pick(stage, i + n)])
      }),
    archon: (stage) => (i) =>
      stage.db.transaction(async (tx) => {
        for (let n = 0; n < 5; n++)
          await tx.update(TASKS, { title: `t${i}` }, { where: { id: pick(stage, i + n) }, returning: false })
      }),
  },
]
