/** Changes chunks and searches them at the same time until it is killed: `writer.ts PATH CHROMA_URL SEED`. */
import { writeSync } from 'node:fs'
import { createRandom } from '../../src/harness/random.ts'
import { addChunks, CHUNKS } from '../../src/suites/search/fixtures.ts'
import { near, randomVector } from '../../src/suites/vector-index/fixtures.ts'
import { openBoth } from './process.ts'

const [path = '', chromaUrl = '', seed = '0'] = process.argv.slice(2)
const { db } = await openBoth(path, chromaUrl)
const random = createRandom(Number(seed))

for (let step = 1; ; step++) {
  const [found] = await Promise.all([near(db, randomVector(random), { limit: 6 }), add(step)])
  await change(found as number[])
  // At once: what waits in a buffer is lost with the process.
  writeSync(1, `changed ${step}\n`)
}

async function add(step: number): Promise<void> {
  const count = 1 + Math.floor(random.next() * 4)
  const seeds = Array.from({ length: count }, () => ({ vector: randomVector(random) }))
  await addChunks(db, seeds, `https://example.org/${seed}/${step}`)
}

async function change(ids: readonly number[]): Promise<void> {
  await db.transaction(async (tx) => {
    await tx.delete(CHUNKS, { where: { id: { in: ids.slice(0, 2) } } })
    await tx.update(CHUNKS, { embedding_384: randomVector(random) }, { where: { id: { in: ids.slice(2, 4) } } })
    await tx.update(CHUNKS, { embedding_384: null }, { where: { id: { in: ids.slice(4, 5) } } })
  })
}
