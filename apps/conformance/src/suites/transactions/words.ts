import assert from 'node:assert/strict'
import type { DataAccess, Database, Transaction } from '@archon-db/core'
import { rejects, type SuiteBuilder } from '../../harness/index.ts'
import type { Random } from '../../harness/random.ts'
import { add, Boom, boom } from '../prompts.ts'

const CHUNKS = 'archon_crawled_pages'
const PAGE = 'https://example.org/words'
const IDS = [1, 2, 3, 4]

/** What a nested transaction changes and takes back must be found, and only be found, as if it had never been. */
export function words(t: SuiteBuilder): void {
  t.behaviour('nested.words-undone-and-written-again', async ({ db }) => {
    const before = await start(db)
    await db.transaction(async (tx) => {
      await rejects(
        tx.transaction((inner) => addAgain(inner, 1)),
        'unique_violation',
      )
      await undone(tx, (inner) => write(inner, 1, 'lost'))
      await write(tx, 1, 'kept')
    })
    await assertFound(db, new Map([...before, [1, 'kept']]), ['lost', 'first1'])
  })

  t.behaviour('nested.words-undone-after-another-table', async ({ db }) => {
    const before = await start(db)
    await db.transaction(async (tx) => {
      await add(tx, 'other')
      await undone(tx, (inner) => write(inner, 1, 'lost'))
      await undone(tx, (inner) => write(inner, 1, 'lost'))
      await undone(tx, (inner) => inner.delete(CHUNKS, { where: { id: 2 } }))
    })
    await assertFound(db, before, ['lost'])
  })

  t.behaviour('nested.words-undone-by-a-broken-reference', async ({ db }) => {
    const before = await start(db)
    await db.transaction(async (tx) => {
      await rejects(
        tx.transaction((inner) => inner.update(CHUNKS, { content: 'lost', source_id: 'none' }, { where: { id: 1 } })),
        'foreign_key_violation',
      )
      await write(tx, 2, 'kept')
      await rejects(
        tx.transaction((inner) => inner.update(CHUNKS, { content: 'lost', source_id: 'none' }, { where: { id: 2 } })),
        'foreign_key_violation',
      )
      await write(tx, 1, 'kept')
    })
    await assertFound(db, new Map([...before, [1, 'kept'], [2, 'kept']]), ['lost', 'first1'])
  })

  t.behaviour('nested.words-undone-around-and-inside', async ({ db }) => {
    const before = await start(db)
    await db.transaction(async (tx) => {
      await add(tx, 'other')
      await undone(tx, async (outer) => {
        await undone(outer, (inner) => write(inner, 1, 'lost'))
        await outer.transaction((inner) => write(inner, 1, 'taken'))
        await undone(outer, (inner) => write(inner, 1, 'lost'))
      })
      await tx.transaction((inner) => write(inner, 1, 'kept'))
    })
    await assertFound(db, new Map([...before, [1, 'kept']]), ['lost', 'taken', 'first1'])
  })

  t.behaviour('nested.words-deleted-with-their-source', async ({ db }) => {
    const before = await start(db)
    await db.transaction(async (tx) => {
      await add(tx, 'other')
      await undone(tx, (inner) => inner.delete('archon_sources', { where: { source_id: 's' } }))
      await undone(tx, (inner) => inner.delete('archon_sources', { where: { source_id: 's' } }))
      await write(tx, 1, 'kept')
    })
    await assertFound(db, new Map([...before, [1, 'kept']]), ['first1'])
  })

  t.behaviour('nested.in-a-transaction-that-only-reads', async ({ db }) => {
    await start(db)
    const read = (access: DataAccess): Promise<number> => access.count(CHUNKS)
    assert.equal(await db.transaction((tx) => tx.transaction(read), { readOnly: true }), 3)
  })

  t.behaviour('nested.words-in-any-order', async ({ db, random }) => {
    for (let round = 0; round < 25; round++) {
      await db.delete('archon_sources', { allRows: true })
      await db.delete('archon_prompts', { allRows: true })
      const run = new Run(random, await start(db))
      await db.transaction((tx) => run.steps(tx, 0))
      await assertFound(db, run.stored, [], `round ${round} of seed ${random.seed}: ${run.log.join(' ')}`)
    }
  })
}

type Stored = Map<number, string>

/** Steps drawn at random, and what they must come to. */
class Run {
  readonly #random: Random
  readonly log: string[] = []
  #written = 0
  stored: Stored

  constructor(random: Random, stored: Stored) {
    this.#random = random
    this.stored = stored
  }

  async steps(tx: Transaction, depth: number): Promise<void> {
    for (let left = this.#random.integer(1, 6); left > 0; left--) {
      const step = this.#random.integer(0, depth < 3 ? 8 : 4)
      if (step < 5) await this.#change(tx, step)
      else await this.#nest(tx, depth, step)
    }
  }

  async #change(tx: Transaction, step: number): Promise<void> {
    const id = this.#random.pick(IDS)
    const word = `word${++this.#written}x`
    this.log.push(`${['other', 'update', 'update', 'upsert', 'delete'][step]}${id}`)
    if (step === 0) return void (await add(tx, word))
    if (step === 3) {
      await tx.upsert(CHUNKS, chunk(id, word), { returning: false })
      this.stored.set(id, word)
    } else if (step === 4) {
      await tx.delete(CHUNKS, { where: { id } })
      this.stored.delete(id)
    } else {
      await write(tx, id, word)
      if (this.stored.has(id)) this.stored.set(id, word)
    }
  }

  /** Kept, thrown away, or undone by a statement that fails. */
  async #nest(tx: Transaction, depth: number, step: number): Promise<void> {
    const before = new Map(this.stored)
    this.log.push('{')
    const nested = tx.transaction(async (inner) => {
      await this.steps(inner, depth + 1)
      if (step === 6) boom()
      if (step === 7) await inner.insert(CHUNKS, chunk(9, 'lost', 'none'), { returning: false })
      if (step === 8) await inner.update(CHUNKS, { content: 'lost', source_id: 'none' }, { where: { id: { gte: 0 } } })
    })
    const failed = await nested.then(
      () => false,
      () => true,
    )
    this.log.push(failed ? '}undone' : '}')
    if (failed) this.stored = before
  }
}

async function start(db: Database): Promise<Stored> {
  await db.upsert('archon_sources', { source_id: 's', title: 's' }, { returning: false })
  const ids = IDS.slice(0, 3)
  await db.insert(
    CHUNKS,
    ids.map((id) => chunk(id, `first${id}`)),
    { returning: false },
  )
  return new Map(ids.map((id) => [id, `first${id}`]))
}

function chunk(id: number, content: string, source_id = 's'): Record<string, unknown> {
  return { id, url: PAGE, chunk_number: id, content, source_id }
}

const write = (access: DataAccess, id: number, content: string): Promise<unknown> =>
  access.update(CHUNKS, { content }, { where: { id } })

const addAgain = (access: DataAccess, id: number): Promise<unknown> =>
  access.insert(CHUNKS, chunk(id, 'lost'), { returning: false })

async function undone(tx: Transaction, work: (inner: Transaction) => Promise<unknown>): Promise<void> {
  const nested = tx.transaction(async (inner) => {
    await work(inner)
    boom()
  })
  await assert.rejects(nested, Boom)
}

async function assertFound(db: Database, stored: Stored, gone: readonly string[], message?: string): Promise<void> {
  const find = async (text: string): Promise<unknown[]> =>
    (await db.search(CHUNKS, { text, columns: ['id'] })).map((hit) => hit.row.id).sort()
  for (const word of new Set(stored.values())) {
    const ids = [...stored].filter(([, other]) => other === word).map(([id]) => id)
    assert.deepEqual(await find(word), ids.sort(), message)
  }
  for (const word of gone) assert.deepEqual(await find(word), [], message ?? word)
}
