import assert from 'node:assert/strict'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { SuiteBuilder } from '../../harness/index.ts'
import { addChunks } from '../search/fixtures.ts'
import { near, nearestByTable, randomVector } from './fixtures.ts'

const ROWS = 4000

export function size(t: SuiteBuilder): void {
  t.behaviour('size.thousands-of-rows', { limitMs: 60_000 }, async ({ db, random, note }) => {
    await addChunks(
      db,
      Array.from({ length: ROWS }, () => ({ vector: randomVector(random) })),
    )
    const lateness = monitorEventLoopDelay({ resolution: 1 })
    lateness.enable()
    const started = performance.now()
    await Promise.all(Array.from({ length: 5 }, () => near(db, randomVector(random))))
    lateness.disable()
    note(`first searches ${ms(performance.now() - started)}, event loop late by ${ms(lateness.max / 1e6)} at most`)
    let [found, wanted] = [0, 0]
    for (let round = 0; round < 5; round++) {
      const query = randomVector(random)
      const expected = await nearestByTable(db, query, 20)
      assert.deepEqual(await near(db, query, { limit: 20, exact: true }), expected)
      const approximate = new Set(await near(db, query, { limit: 20 }))
      assert.equal(approximate.size, 20)
      found += expected.filter((id) => approximate.has(id)).length
      wanted += expected.length
      const where = { chunk_number: { gte: ROWS - 100 } }
      assert.deepEqual(
        await near(db, query, { limit: 20, exact: true, filter: where }),
        await nearestByTable(db, query, 20, where),
      )
    }
    note(`recall ${(found / wanted).toFixed(3)} when not asked to be exact`)
    assert.ok(found / wanted >= 0.95, `recall ${found / wanted}`)
  })
}

function ms(duration: number): string {
  return `${duration.toFixed(1)} ms`
}
