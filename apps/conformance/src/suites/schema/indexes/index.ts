import assert from 'node:assert/strict'
import type { SuiteBuilder } from '../../../harness/index.ts'
import { nearestPlan, planOf } from './plans.ts'
import { HOT_QUERIES, WHOLE_READS } from './queries.ts'

/** Every backend fills its tables once, in the first of these behaviours. */
const LIMIT_MS = 120_000

/** Each finds a large part of all tasks, so that no query gains by it that could have had another. */
const COARSE: ReadonlySet<string | null> = new Set([
  'idx_archon_tasks_archived',
  'idx_archon_tasks_order',
  'idx_archon_tasks_priority',
  'idx_archon_tasks_status',
])

export function indexes(t: SuiteBuilder): void {
  for (const query of HOT_QUERIES) {
    t.behaviour(`index.${query.id}`, { needs: 'sql', limitMs: LIMIT_MS }, async (context) => {
      const { found, steps } = await planOf(context, query)
      const whole = steps.filter(({ index }) => index === null)
      assert.deepEqual(
        whole.map(({ table, statement }) => `all of ${table} is read by: ${statement}`),
        [],
      )
      const used = steps.filter(({ table }) => table === query.table).map(({ index }) => index)
      assert.ok(used.length > 0, `${query.table} is read`)
      assert.deepEqual(
        used.filter((index) => COARSE.has(index)),
        [],
        'the index narrows it down',
      )
      assert.ok(found > 0, 'rows are found')
      context.note([...new Set(used)].join(', '))
    })
  }

  t.behaviour('index.nearest-chunks', { needs: ['sql', 'vectorSearch'], limitMs: LIMIT_MS }, async (context) => {
    const { found, steps } = await nearestPlan(context)
    assert.equal(found, 10)
    assert.deepEqual(
      steps.filter(({ index }) => index === null),
      [],
    )
    context.note(steps.map(({ index }) => index).join(', '))
  })

  for (const query of WHOLE_READS) {
    t.behaviour(`index.${query.id}`, { needs: 'sql', limitMs: LIMIT_MS }, async (context) => {
      const { found, steps } = await planOf(context, query)
      assert.deepEqual(
        steps.map(({ table, index }) => ({ table, index })),
        [{ table: query.table, index: null }],
      )
      assert.ok(found > 0, 'rows are found')
    })
  }
}
