import assert from 'node:assert/strict'
import type { DataAccess, Filter } from '@archon-db/core'
import type { Actor } from './actors.ts'

/**
 * The catalogue's schedules, restated over tasks: the title is the id, task_order the value. Start: (1, 10), (2, 20).
 * A schedule fails when the anomaly it is named after shows; by what means it was kept away does not matter.
 */

export type Guarantee = 'read-committed' | 'snapshot' | 'serializable'

export interface Schedule {
  readonly id: string
  readonly title: string
  /** The weakest guarantee that rules this anomaly out. */
  readonly from: Guarantee
  /** Plays the schedule; what it returns checks the outcome once all transactions have ended. */
  play(t1: Actor, t2: Actor, t3: Actor): Promise<(end: End) => void>
}

export interface End {
  readonly committed: readonly boolean[]
  readonly rows: Values
}

export type Values = Record<string, number>

const table = 'archon_tasks'

export const read =
  (where: Filter) =>
  async (db: DataAccess): Promise<Values> => {
    const { rows } = await db.select<{ title: string; task_order: number }>(table, {
      columns: ['title', 'task_order'],
      where,
      orderBy: 'title',
    })
    return Object.fromEntries(rows.map((row) => [row.title, row.task_order]))
  }
const row = (title: string) => read({ title })
const all = read({})
const valued = (...values: number[]) => read({ task_order: { in: values } })
const atLeast = (value: number) => read({ task_order: { gte: value } })
const write = (title: string, value: number) => (db: DataAccess) =>
  db.update(table, { task_order: value }, { where: { title }, returning: false })
const insert = (title: string, value: number) => (db: DataAccess) =>
  db.insert(table, { title, task_order: value }, { returning: false })
const remove = (where: Filter) => (db: DataAccess) => db.delete(table, { where, returning: false })

export const SCHEDULES: readonly Schedule[] = [
  {
    id: 'g0',
    title: 'write cycle',
    from: 'read-committed',
    async play(t1, t2) {
      await t1.do(write('1', 11))
      await t2.do(write('1', 12))
      await t1.do(write('2', 21))
      await t1.commit()
      await t2.do(write('2', 22))
      await t2.commit()
      return ({ rows }) => assert.ok((rows['1'] === 11) === (rows['2'] === 21), 'the end mixes two writers')
    },
  },
  {
    id: 'g1a',
    title: 'aborted read',
    from: 'read-committed',
    async play(t1, t2) {
      await t1.do(write('1', 101))
      const before = await t2.do(row('1'))
      await t1.rollback()
      const after = await t2.do(row('1'))
      await t2.commit()
      return () => {
        for (const answer of [before, after]) assert.notEqual(answer.value?.['1'], 101, 'what was rolled back was read')
      }
    },
  },
  {
    id: 'g1b',
    title: 'intermediate read',
    from: 'read-committed',
    async play(t1, t2) {
      await t1.do(write('1', 101))
      const before = await t2.do(row('1'))
      await t1.do(write('1', 11))
      await t1.commit()
      const after = await t2.do(row('1'))
      await t2.commit()
      return () => {
        for (const answer of [before, after])
          assert.notEqual(answer.value?.['1'], 101, 'a value that was never committed was read')
      }
    },
  },
  {
    id: 'g1c',
    title: 'circular information flow',
    from: 'read-committed',
    async play(t1, t2) {
      await t1.do(write('1', 11))
      await t2.do(write('2', 22))
      const first = await t1.do(row('2'))
      const second = await t2.do(row('1'))
      await t1.commit()
      await t2.commit()
      return () =>
        assert.ok(
          !(first.value?.['2'] === 22 && second.value?.['1'] === 11),
          'each read what the other had not committed',
        )
    },
  },
  {
    id: 'otv',
    title: 'observed transaction vanishes',
    from: 'read-committed',
    async play(t1, t2, t3) {
      await t1.do(write('1', 11))
      await t1.do(write('2', 19))
      await t2.do(write('1', 12))
      await t1.commit()
      const reads = [await t3.do(all)]
      await t2.do(write('2', 18))
      reads.push(await t3.do(all))
      await t2.commit()
      reads.push(await t3.do(all))
      await t3.commit()
      return () => {
        for (const { value } of reads)
          if (value) assert.ok((value['1'] === 12) === (value['2'] === 18), 'a half of each transaction was read')
      }
    },
  },
  {
    id: 'pmp',
    title: 'predicate with many preceders',
    from: 'snapshot',
    async play(t1, t2) {
      const before = await t1.do(valued(30))
      await t2.do(insert('3', 30))
      await t2.commit()
      const after = await t1.do(atLeast(30))
      await t1.commit()
      return () => {
        if (before.value && after.value) assert.deepEqual(after.value, before.value, 'a row appeared between two reads')
      }
    },
  },
  {
    id: 'pmp-write',
    title: 'predicate with many preceders, by a write',
    from: 'snapshot',
    async play(t1, t2) {
      const seen = await t2.do(valued(20))
      await t1.do(async (tx) => {
        await write('2', 30)(tx)
        await write('1', 20)(tx)
      })
      await t2.do(remove({ task_order: 20 }))
      await t1.commit()
      await t2.commit()
      return ({ committed: [first, second], rows }) => {
        if (first && second && seen.value?.['2'] === 20)
          assert.ok(!('2' in rows) && '1' in rows, 'the delete hit other rows than were read')
      }
    },
  },
  {
    id: 'p4',
    title: 'lost update',
    from: 'snapshot',
    async play(t1, t2) {
      const first = await t1.do(row('1'))
      const second = await t2.do(row('1'))
      await t1.do(write('1', 11))
      await t2.do(write('1', 12))
      await t1.commit()
      await t2.commit()
      return ({ committed }) => {
        if (first.value?.['1'] === 10 && second.value?.['1'] === 10)
          assert.ok(!(committed[0] && committed[1]), 'both wrote over the value they had read')
      }
    },
  },
  {
    id: 'g-single',
    title: 'read skew',
    from: 'snapshot',
    async play(t1, t2) {
      const first = await t1.do(row('1'))
      await t2.do(async (tx) => {
        await row('1')(tx)
        await write('1', 12)(tx)
        await write('2', 18)(tx)
      })
      await t2.commit()
      const second = await t1.do(row('2'))
      await t1.commit()
      return () => {
        if (first.value?.['1'] === 10 && second.value) assert.equal(second.value['2'], 20, 'two reads saw two states')
      }
    },
  },
  {
    id: 'g-single-predicate',
    title: 'read skew, by predicates',
    from: 'snapshot',
    async play(t1, t2) {
      const first = await t1.do(valued(10, 20))
      await t2.do(write('1', 12))
      await t2.commit()
      const second = await t1.do(valued(12, 15, 18))
      await t1.commit()
      return () => {
        if (first.value && '1' in first.value && second.value)
          assert.deepEqual(second.value, {}, 'a row was read as it became later')
      }
    },
  },
  {
    id: 'g-single-write',
    title: 'read skew, by a write',
    from: 'snapshot',
    async play(t1, t2) {
      const seen = await t1.do(row('1'))
      await t2.do(async (tx) => {
        await write('1', 12)(tx)
        await write('2', 18)(tx)
      })
      await t2.commit()
      await t1.do(remove({ task_order: 20 }))
      const after = await t1.do(row('2'))
      await t1.commit()
      return ({ committed: [first] }) => {
        if (first && seen.value?.['1'] === 10 && after.value)
          assert.ok(!('2' in after.value), 'the delete missed a row that this transaction still sees')
      }
    },
  },
  {
    id: 'g2-item',
    title: 'write skew',
    from: 'serializable',
    async play(t1, t2) {
      const first = await t1.do(all)
      const second = await t2.do(all)
      await t1.do(write('1', 11))
      await t2.do(write('2', 21))
      await t1.commit()
      await t2.commit()
      return ({ committed }) => {
        if (first.value?.['2'] === 20 && second.value?.['1'] === 10)
          assert.ok(!(committed[0] && committed[1]), 'each wrote on the strength of what the other changed')
      }
    },
  },
  {
    id: 'g2',
    title: 'write skew, by predicates',
    from: 'serializable',
    async play(t1, t2) {
      const first = await t1.do(atLeast(30))
      const second = await t2.do(atLeast(30))
      await t1.do(insert('3', 30))
      await t2.do(insert('4', 42))
      await t1.commit()
      await t2.commit()
      return ({ committed }) => {
        const bothSawNone = [first, second].every(({ value }) => value && Object.keys(value).length === 0)
        if (bothSawNone) assert.ok(!(committed[0] && committed[1]), 'both inserted because neither saw the other')
      }
    },
  },
  {
    id: 'g2-two-edges',
    title: 'a read-only transaction in between',
    from: 'serializable',
    async play(t1, t2, t3) {
      const first = await t1.do(all)
      await t2.do(write('2', 25))
      await t2.commit()
      const seen = await t3.do(all)
      await t3.commit()
      await t1.do(write('1', 0))
      await t1.commit()
      return ({ committed: [one, , three] }) => {
        if (first.value?.['2'] === 20 && seen.value?.['2'] === 25 && seen.value['1'] === 10)
          assert.ok(!(one && three), 'no order of the three explains what was read')
      }
    },
  },
]
