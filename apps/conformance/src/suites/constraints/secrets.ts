import assert from 'node:assert/strict'
import { type DataAccess, DbError, type Filter, increment, jsonMerge, sql } from '@archon-db/core'
import { rejects, type SuiteBuilder } from '../../harness/index.ts'
import { addParents, chunk, keyOf, ROWS } from './rows.ts'

const CANARY = 'sk-canary-4711-do-not-print'

type Failing = (db: DataAccess) => Promise<unknown>

/** Statements that fail with the canary among their values, by what makes them fail. */
const FAILING: Readonly<Record<string, readonly Failing[]>> = {
  unique: [
    (db) =>
      db.insert('archon_prompts', [
        { prompt_name: CANARY, prompt: 'x' },
        { prompt_name: CANARY, prompt: 'y' },
      ]),
    (db) => db.insert('archon_sources', { source_id: 's', title: CANARY }),
    (db) => db.update('archon_prompts', { prompt_name: CANARY }, { allRows: true }),
    (db) => db.upsert('archon_prompts', { id: keyOf(1), prompt_name: 'taken', prompt: CANARY }),
  ],
  reference: [
    (db) => db.insert('archon_crawled_pages', { ...chunk(CANARY), source_id: CANARY }),
    (db) =>
      db.upsert(
        'archon_crawled_pages',
        { ...chunk('u'), content: CANARY, source_id: CANARY },
        { onConflict: ['url', 'chunk_number'] },
      ),
    (db) => db.update('archon_page_metadata', { source_id: CANARY }, { allRows: true }),
  ],
  required: [
    (db) => db.insert('archon_prompts', { prompt_name: CANARY, prompt: null }),
    (db) => db.insert('archon_prompts', { prompt_name: CANARY }),
    (db) =>
      db.update('archon_prompts', { prompt: null, description: CANARY }, { where: { prompt_name: { ne: CANARY } } }),
  ],
  check: [
    (db) => db.insert('archon_agent_work_orders', { ...ROWS.archon_agent_work_orders, status: CANARY }),
    (db) => db.insert('archon_configured_repositories', { repository_url: CANARY }),
    (db) => db.insert('archon_tasks', { title: CANARY, assignee: '' }),
  ],
  'wrong-type': [
    (db) => db.insert('archon_tasks', { title: 't', task_order: CANARY }),
    (db) => db.insert('archon_tasks', { title: 't', id: CANARY }),
    (db) => db.insert('archon_tasks', { title: 't', status: CANARY }),
    (db) => db.insert('archon_tasks', { title: 't', archived: CANARY }),
    (db) => db.insert('archon_tasks', { title: 't', archived_at: CANARY }),
    (db) => db.insert('archon_tasks', { title: [CANARY] }),
    (db) => db.insert('archon_crawled_pages', { ...chunk('u'), id: CANARY }),
    (db) => db.insert('archon_crawled_pages', { ...chunk('u'), embedding_384: CANARY }),
    (db) =>
      db.insert('archon_agent_work_order_steps', { ...ROWS.archon_agent_work_order_steps, duration_seconds: CANARY }),
    (db) => db.insert('archon_prompts', { prompt_name: 'n', prompt: `${CANARY}\0` }),
    (db) => db.insert('archon_settings', { key: 'k', category: CANARY.repeat(10) }),
    (db) => db.insert('archon_projects', { title: 'p', data: { [CANARY]: Number.NaN } }),
    (db) => db.insert('archon_prompts', CANARY as unknown as object),
    (db) => db.update('archon_tasks', { task_order: increment(CANARY as unknown as number) }, { allRows: true }),
    (db) => db.update('archon_projects', { data: jsonMerge(CANARY as never) }, { allRows: true }),
    (db) => db.update('archon_projects', { data: jsonMerge({ [CANARY]: `${CANARY}\0` }) }, { allRows: true }),
  ],
  filter: [
    (db) => db.select('archon_tasks', { where: { task_order: CANARY } }),
    (db) => db.select('archon_tasks', { where: { id: { in: [CANARY] } } }),
    (db) => db.select('archon_tasks', { where: { title: { in: CANARY } } as Filter }),
    (db) => db.select('archon_tasks', { where: { title: { like: `${CANARY}\\` } } }),
    (db) => db.select('archon_tasks', { where: { title: `${CANARY}\0` } }),
    (db) => db.select('archon_tasks', { where: { 'sources.a': { gt: [CANARY] } } as Filter }),
    (db) => db.select('archon_tasks', { where: CANARY as never }),
    (db) => db.delete('archon_tasks', { where: { status: CANARY } }),
  ],
  reading: [
    (db) => db.select('archon_tasks', { limit: CANARY as unknown as number }),
    (db) => db.select('archon_tasks', { limit: 1, after: CANARY }),
    (db) => db.search('archon_crawled_pages', { text: CANARY, mode: 'vector' }),
    (db) => db.search('archon_crawled_pages', { text: CANARY, filter: { id: CANARY } as Filter }),
  ],
}

/** Neither what an error says nor what a log line makes of it shows a value. */
export function secrets(t: SuiteBuilder): void {
  for (const [name, statements] of Object.entries(FAILING)) {
    t.behaviour(`secret.${name}`, async ({ db }) => {
      await addParents(db)
      await db.insert('archon_prompts', [
        { prompt_name: 'taken', prompt: 'x' },
        { prompt_name: 'other', prompt: 'x' },
      ])
      for (const statement of statements) {
        await refuseSilently(statement(db), `${statement}`)
        await refuseSilently(
          db.transaction((tx) => statement(tx)),
          `${statement}`,
        )
      }
    })
  }
  t.behaviour('secret.raw-sql', { needs: 'sql' }, async ({ db }) => {
    await refuseSilently(
      db.execute(sql`insert into archon_prompts (prompt_name, prompt) values (${CANARY}, ${null})`),
      'raw',
    )
    await refuseSilently(db.execute(sql`select * from no_such_table where a = ${CANARY}`), 'raw')
  })
  t.behaviour('secret.later-statement-of-a-failed-transaction', async ({ db }) => {
    const work = db.transaction(async (tx) => {
      await tx.insert('archon_sources', { source_id: CANARY })
      await tx.insert('archon_sources', { source_id: CANARY }).catch(() => undefined)
      await tx.count('archon_sources')
    })
    await refuseSilently(work, 'later')
  })
  t.behaviour('secret.the-cause-is-kept', { needs: 'sql' }, async ({ db }) => {
    await db.insert('archon_sources', { source_id: 's' })
    const error = await rejects(db.insert('archon_sources', { source_id: 's' }), 'unique_violation')
    assert.ok(error.cause instanceof Error)
  })
}

async function refuseSilently(work: Promise<unknown>, what: string): Promise<void> {
  const error = await work.then(
    () => assert.fail(`${what} succeeded`),
    (reason: unknown) => reason,
  )
  assert.ok(error instanceof DbError, `${what}: ${String(error)}`)
  for (const text of [error.message, String(error), JSON.stringify(error), `${error.stack}`])
    assert.ok(!text.includes(CANARY), `${what} shows the value: ${text}`)
}
