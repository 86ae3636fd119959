import assert from 'node:assert/strict'
import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import type { SuiteBuilder } from '../../harness/index.ts'
import { addChunks, CHUNKS } from '../search/fixtures.ts'
import { direction, near, nearestByTable, randomVector, sameAsTable } from './fixtures.ts'

const needs = 'multiProcess'
/** On each database; set it higher to look for what comes once in a thousand times. */
const KILLS = Number(process.env.CONFORMANCE_KILLS ?? 15)
/** Enough for an index to be kept on disk. */
const ROWS = 1000

export function processes(t: SuiteBuilder): void {
  t.behaviour('processes.two-agree', { needs, limitMs: 60_000 }, async ({ db, url }) => {
    const [a, b, c] = await addChunks(
      db,
      [1, 2, 3].map((n) => ({ vector: direction(n) })),
    )
    assert.deepEqual(await near(db, direction(0)), [a, b, c])
    const child = await Child.start(url)
    try {
      assert.deepEqual(await child.search(direction(0), 10), [a, b, c])
      await db.delete(CHUNKS, { where: { id: b as number } })
      assert.deepEqual(await child.search(direction(0), 10), [a, c])
      await db.update(CHUNKS, { embedding_384: direction(9) }, { where: { id: a as number } })
      assert.deepEqual(await child.search(direction(0), 10), [c, a])
      const [d] = await addChunks(db, [{ vector: direction(4) }], 'https://example.org/b')
      assert.deepEqual(await child.search(direction(0), 10), [c, d, a])
    } finally {
      await child.kill()
    }
  })

  t.behaviour('processes.one-changes-while-another-searches', { needs, limitMs: 60_000 }, async (context) => {
    const { db, url, backend, random } = context
    await addChunks(
      db,
      Array.from({ length: ROWS }, () => ({ vector: randomVector(random) })),
    )
    await near(db, randomVector(random))
    const child = await Child.start(url, random.integer(1, 1_000_000))
    for (let step = 5; step <= 20; step += 5) {
      await child.changed(step)
      await near(db, randomVector(random))
    }
    await child.kill()
    await sameAsTable(db, backend.traits.vectorSearch, random, 10)
  })

  t.behaviour('kill.nothing-lost-and-nothing-back', { needs, limitMs: 300_000 }, async (context) => {
    const { db, url, open, backend, random, note } = context
    const all = await addChunks(
      db,
      Array.from({ length: ROWS }, () => ({ vector: randomVector(random) })),
    )
    let changes = 0
    for (let round = 0; round < KILLS; round++) {
      const child = await Child.start(url, random.integer(1, 1_000_000))
      await child.changed(random.integer(1, 12))
      changes += await child.kill()
      const handle = await open()
      await sameAsTable(handle, backend.traits.vectorSearch, random)
      await handle.close()
    }
    const left = new Set(await nearestByTable(db, direction(0), Number.POSITIVE_INFINITY))
    note(`${KILLS} kills, ${changes} changes, ${all.filter((id) => !left.has(id)).length} of ${ROWS} rows deleted`)
    assert.equal(left.size, ROWS)
    assert.ok(changes > 0, 'nobody was killed at work')
  })
}

/** See child.ts. */
class Child {
  readonly #process: ChildProcessByStdio<Writable, Readable, null>
  readonly #lines: string[] = []
  readonly #waiting = new Set<() => void>()
  #ended = false

  private constructor(args: readonly string[]) {
    const script = fileURLToPath(new URL('./child.ts', import.meta.url))
    this.#process = spawn(process.execPath, ['--conditions=archon-db-source', script, ...args], {
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    this.#process.once('exit', () => {
      this.#ended = true
      this.#wake()
    })
    createInterface({ input: this.#process.stdout }).on('line', (line) => {
      this.#lines.push(line)
      this.#wake()
    })
  }

  static async start(url: string, seed?: number): Promise<Child> {
    const child = new Child([url, ...(seed === undefined ? [] : [String(seed)])])
    await child.#line((line) => line === 'ready')
    return child
  }

  async search(query: Float32Array, limit: number): Promise<unknown> {
    const before = this.#lines.length
    this.#process.stdin.write(`${JSON.stringify({ query: [...query], limit })}\n`)
    return JSON.parse(await this.#line((_, index) => index === before))
  }

  /** Once it has made so many changes. */
  async changed(step: number): Promise<void> {
    await this.#line((line) => line === `changed ${step}`)
  }

  /** Returns how many changes it had made. */
  async kill(): Promise<number> {
    const closed = once(this.#process, 'close')
    this.#process.kill('SIGKILL')
    await closed
    return this.#lines.filter((line) => line.startsWith('changed')).length
  }

  async #line(wanted: (line: string, index: number) => boolean): Promise<string> {
    for (;;) {
      const found = this.#lines.find(wanted)
      if (found !== undefined) return found
      if (this.#ended) throw new Error('The process ended before it said what was expected.')
      await new Promise<void>((resolve) => this.#waiting.add(resolve))
    }
  }

  #wake(): void {
    for (const resolve of this.#waiting) resolve()
    this.#waiting.clear()
  }
}
