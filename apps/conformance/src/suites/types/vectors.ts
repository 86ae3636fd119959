import assert from 'node:assert/strict'
import type { SuiteBuilder } from '../../harness/index.ts'
import { roundTrip, same, vectorPlace } from './round-trip.ts'
import { refuseAll } from './scalars.ts'

const DIMENSIONS = [384, 768, 1024, 1536, 3072]
const CHUNKS = 'archon_crawled_pages'

export function vectors(t: SuiteBuilder): void {
  for (const dimension of DIMENSIONS) {
    t.behaviour(`vector.${dimension}-elements-bit-by-bit`, async ({ db, random }) => {
      const vector = Float32Array.from({ length: dimension }, () => (random.next() - 0.5) * 10 ** random.integer(-4, 4))
      await roundTrip(db, vectorPlace(dimension), [vector, null])
    })
  }
  t.behaviour('vector.extremes', async ({ db }) => {
    const values = [0, 1, -1, 1e-7, 3.4028234663852886e38, -3.4028234663852886e38, 1.1754943508222875e-38, 1e-40, 1 / 3]
    await roundTrip(db, vectorPlace(384), [
      Float32Array.from({ length: 384 }, (_, i) => values[i % values.length] as number),
    ])
  })
  t.behaviour('vector.zero', async ({ db }) => {
    await roundTrip(db, vectorPlace(384), [new Float32Array(384)])
  })
  t.behaviour('vector.window-into-a-buffer', async ({ db }) => {
    const whole = Float32Array.from({ length: 1000 }, (_, i) => i)
    const views = [
      whole.subarray(0, 384),
      whole.subarray(1, 385),
      whole.subarray(616),
      new Float32Array(whole.buffer, 8, 384),
    ]
    await roundTrip(
      db,
      vectorPlace(384),
      views,
      views.map((view) => view.slice()),
    )
  })
  t.behaviour('vector.plain-arrays', async ({ db }) => {
    const numbers = Array.from({ length: 384 }, (_, i) => i / 7)
    await roundTrip(
      db,
      vectorPlace(384),
      [numbers, Float64Array.from(numbers)],
      [Float32Array.from(numbers), Float32Array.from(numbers)],
    )
  })
  memory(t)
}

function memory(t: SuiteBuilder): void {
  t.behaviour('vector.own-memory', async ({ db }) => {
    const vector = new Float32Array(384).fill(0.5)
    const { rows } = await db.insert<{ embedding_384: Float32Array }>(CHUNKS, await chunk(db, vector))
    vector.fill(9)
    const own = (await db.select<{ embedding_384: Float32Array }>(CHUNKS)).rows[0]?.embedding_384
    same(own, new Float32Array(384).fill(0.5), 'stored')
    rows[0]?.embedding_384.fill(7)
    same(own, new Float32Array(384).fill(0.5), 'read')
    assert.ok(own instanceof Float32Array)
  })
  t.behaviour('vector.others-stay-empty', async ({ db }) => {
    await db.insert(CHUNKS, await chunk(db, new Float32Array(384)))
    const { rows } = await db.select(CHUNKS, { columns: DIMENSIONS.map((dimension) => `embedding_${dimension}`) })
    const { embedding_384: own, ...others } = rows[0] ?? {}
    assert.ok(own)
    assert.deepEqual(others, { embedding_768: null, embedding_1024: null, embedding_1536: null, embedding_3072: null })
  })
  t.behaviour('vector.refused', async ({ db }) => {
    const almost = (value: unknown): unknown[] => [...Array.from({ length: 383 }, () => 0), value]
    const wrong = [
      new Float32Array(383),
      new Float32Array(385),
      new Float32Array(768),
      new Float32Array(0),
      [],
      'a',
      5,
      {},
      new Uint8Array(384),
      new Float32Array(384).buffer,
    ]
    await refuseAll(db, vectorPlace(384), [
      ...wrong,
      almost(Number.NaN),
      almost(Number.POSITIVE_INFINITY),
      almost('0'),
      almost(null),
      almost(undefined),
      almost(1e39),
      almost(5n),
    ])
    await refuseAll(db, vectorPlace(384), [
      new Float32Array(384).fill(Number.NaN),
      new Float32Array(384).fill(Number.NEGATIVE_INFINITY),
    ])
  })
}

async function chunk(db: Parameters<typeof roundTrip>[0], embedding: Float32Array): Promise<object> {
  return { ...(await vectorPlace(384).row(db, 0)), embedding_384: embedding }
}
