import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { BackendUnavailable } from '../../src/harness/index.ts'
import { createRandom, type Random } from '../../src/harness/random.ts'
import { near, nearestByTable, randomVector } from '../../src/suites/vector-index/fixtures.ts'
import { acquireChroma } from '../../src/vector-stores/chroma-server.ts'
import { openBoth } from './process.ts'

const KILLS = 20
const LIMIT_MS = 240_000
const WRITER = fileURLToPath(new URL('writer.ts', import.meta.url))

test('killed at random moments: afterwards the store holds what the database holds', {
  timeout: LIMIT_MS,
}, async (t) => {
  const seed = Number(process.env.ARCHON_TEST_SEED ?? Date.now() % 1_000_000)
  console.log(`outbox crash: seed ${seed}`)
  const random = createRandom(seed)
  const chroma = await acquireChroma().catch((error: unknown) => {
    if (error instanceof BackendUnavailable) return t.skip(error.message)
    throw error
  })
  onTestFinished(() => chroma.stop())
  const path = join(await newFolder(), 'archon.db')
  await migrate(path, chroma.url)
  let behind = 0
  for (let round = 0; round < KILLS; round++) {
    await writeUntilKilled([path, chroma.url, String(seed + round)], random)
    behind += await agreeAgain(path, chroma.url, random)
  }
  console.log(`outbox crash: behind after ${behind} of ${KILLS} kills`)
  // Otherwise nothing was ever under way, and the test has shown nothing.
  expect(behind).toBeGreaterThan(0)
})

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'archon-outbox-crash-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

async function migrate(path: string, chromaUrl: string): Promise<void> {
  const { db } = await openBoth(path, chromaUrl)
  await db.migrate()
  await db.close()
}

/** Some steps, and then a moment within the next one. */
async function writeUntilKilled(args: readonly string[], random: Random): Promise<void> {
  const child = spawn(process.execPath, ['--conditions=archon-db-source', WRITER, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exit = new Promise<NodeJS.Signals | null>((resolve) => child.once('exit', (_code, signal) => resolve(signal)))
  let steps = 1 + Math.floor(random.next() * 12)
  const within = random.next() * 25
  for await (const _ of createInterface({ input: child.stdout })) {
    if (--steps === 0) setTimeout(() => child.kill('SIGKILL'), within)
  }
  expect(await exit).toBe('SIGKILL')
}

/** 1 where the killed process had not sent everything, or not said so. */
async function agreeAgain(path: string, chromaUrl: string, random: Random): Promise<number> {
  const { db, outbox } = await openBoth(path, chromaUrl)
  try {
    const { state, busy } = await outbox.overview()
    const { compared, differences } = await outbox.verify()
    expect(differences).toEqual([])
    expect(compared).toBe(await db.count('archon_crawled_pages', { embedding_384: { isNull: false } }))
    const query = randomVector(random)
    expect(await near(db, query, { limit: 20 })).toEqual(await nearestByTable(db, query, 20))
    return state !== 'current' || busy ? 1 : 0
  } finally {
    await db.close()
  }
}
