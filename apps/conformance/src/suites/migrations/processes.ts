import assert from 'node:assert/strict'
import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import type { Database, Migrations } from '@archon-db/core'
import { type SuiteBuilder, startTogether } from '../../harness/index.ts'
import type { Order } from './child.ts'
import { after, rowsOf } from './fixtures.ts'

const needs = ['ledger', 'sql', 'multiProcess'] as const

const PROCESSES = 8
const KILLS = 20

export function processes(t: SuiteBuilder): void {
  t.behaviour('lock.handles-of-one-process', { needs: ['ledger', 'sql', 'shareable'] }, async ({ fresh }) => {
    const { db, open } = await fresh({ migrated: false })
    const handles = await Promise.all([open(), open(), open()])
    try {
      const results = await Promise.all([db, ...handles].map((handle) => handle.migrate()))
      assert.deepEqual(results.map(({ applied }) => applied.length).sort(), [0, 0, 0, results[0]?.total])
      assert.deepEqual((await db.migrations.status()).pending, [])
    } finally {
      await Promise.all(handles.map((handle) => handle.close()))
    }
  })

  t.behaviour('lock.eight-processes', { needs, limitMs: 120_000 }, async ({ fresh }) => {
    const { db, url } = await fresh({ migrated: false })
    const total = after(await db.migrations.list()).length
    const answers = await startTogether(
      PROCESSES,
      (_, child) => child.finish({ dieAt: 0, beKilled: false }),
      () => Child.start(url),
    )
    const applied = answers.map(({ lines }) => lines.at(-1)).sort()
    assert.deepEqual(applied, [...Array(PROCESSES - 1).fill('applied 0'), `applied ${total}`].sort())
    await checkComplete(db)
  })

  t.behaviour('kill.anywhere', { needs, limitMs: 300_000 }, async ({ fresh, random, note }) => {
    const { db, url } = await fresh({ migrated: false })
    const migrations = db.migrations.over(after(await db.migrations.list()))
    const moments = await countMoments(db, migrations)
    const expected = await checkComplete(db)
    let midway = 0
    for (let round = 0; round < KILLS; round++) {
      await migrations.rollback({ to: 0, acceptDataLoss: true })
      const order: Order = { dieAt: random.integer(1, moments), beKilled: random.next() < 0.5 }
      const { signal } = await (await Child.start(url)).finish(order)
      const { pending } = await migrations.status()
      if (!order.beKilled) assert.equal(signal, 'SIGKILL', `${JSON.stringify(order)} of ${moments}`)
      if (pending.length > 0) midway++
      await migrations.migrate()
      assert.deepEqual(await checkComplete(db), expected, `after ${JSON.stringify(order)} of ${moments}`)
    }
    note(`${KILLS} kills, ${midway} of them midway`)
    assert.ok(midway > 0, 'no kill came before the end')
  })
}

async function countMoments(db: Database, migrations: Migrations): Promise<number> {
  let moments = 0
  const end = db.onQuery(() => moments++)
  await migrations.migrate({ onProgress: () => moments++ })
  end()
  return moments
}

/** Every table, index, trigger and row that a migration brings, each exactly once. */
async function checkComplete(db: Database): Promise<unknown> {
  const migrations = db.migrations.over(after(await db.migrations.list()))
  const { pending, drift, schema } = await migrations.deepStatus()
  assert.deepEqual({ pending, drift, schema }, { pending: [], drift: [], schema: [] })
  assert.equal(await db.count('archon_settings'), 45)
  assert.equal(await db.count('archon_prompts'), 3)
  assert.equal(await db.count('archon_migrations'), 11)
  assert.deepEqual(await rowsOf(db, 'select bird from visits order by bird'), [{ bird: 1 }, { bird: 2 }, { bird: 3 }])
  assert.deepEqual(await rowsOf(db, 'select species from birds order by id'), [
    { species: 'Wren' },
    { species: 'rook' },
    { species: 'kite' },
  ])
  return (await migrations.introspect()).definitions
}

interface Ending {
  readonly lines: readonly string[]
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/** A process of its own, ready to migrate. */
class Child {
  readonly #process: ChildProcessByStdio<Writable, Readable, null>
  readonly #lines: string[] = []
  readonly #ready: Promise<void>

  private constructor(url: string) {
    const script = fileURLToPath(new URL('./child.ts', import.meta.url))
    const args = ['--conditions=archon-db-source', script, url]
    this.#process = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] })
    this.#ready = new Promise((resolve, reject) => {
      this.#process.once('exit', () => reject(new Error('The process ended before it was ready.')))
      createInterface({ input: this.#process.stdout }).on('line', (line) => {
        if (line === 'ready') resolve()
        else if (line === 'now') this.#process.kill('SIGKILL')
        else this.#lines.push(line)
      })
    })
  }

  static async start(url: string): Promise<Child> {
    const child = new Child(url)
    await child.#ready
    return child
  }

  async finish(order: Order): Promise<Ending> {
    const closed = once(this.#process, 'close')
    this.#process.stdin.end(`${JSON.stringify(order)}\n`)
    const [code, signal] = await closed
    return { lines: this.#lines, code, signal }
  }
}
