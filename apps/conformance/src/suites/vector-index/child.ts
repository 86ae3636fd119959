/**
 * A process of its own on the database at a URL. Without a seed it answers searches, one line of JSON in and one out.
 * With a seed it changes and searches at random until it is killed, and counts its changes on standard output.
 */
import { writeSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { connect } from 'archon-db'
import { createRandom } from '../../harness/random.ts'
import { addChunks, CHUNKS } from '../search/fixtures.ts'
import { near, randomVector } from './fixtures.ts'

const [url = '', seed] = process.argv.slice(2)
const db = await connect({ url })
if (seed === undefined) await answer()
else await changeUntilKilled(Number(seed))

async function answer(): Promise<void> {
  say('ready')
  for await (const line of createInterface({ input: process.stdin })) {
    const { query, limit } = JSON.parse(line) as { query: number[]; limit: number }
    say(JSON.stringify(await near(db, Float32Array.from(query), { limit })))
  }
  await db.close()
}

async function changeUntilKilled(own: number): Promise<void> {
  const random = createRandom(own)
  await near(db, randomVector(random))
  say('ready')
  for (let step = 1; ; step++) {
    const found = (await near(db, randomVector(random), { limit: 4 })) as number[]
    await db.transaction(async (tx) => {
      await tx.delete(CHUNKS, { where: { id: { in: found.slice(0, 2) } } })
      await tx.update(CHUNKS, { embedding_384: randomVector(random) }, { where: { id: { in: found.slice(2) } } })
      await addChunks(tx, [{ vector: randomVector(random) }, { vector: randomVector(random) }], `${own}/${step}`)
    })
    say(`changed ${step}`)
  }
}

/** At once: what waits in a buffer is lost with the process. */
function say(text: string): void {
  writeSync(1, `${text}\n`)
}
