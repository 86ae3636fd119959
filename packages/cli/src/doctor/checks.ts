import { randomUUID } from 'node:crypto'
import type { Database } from '@archon-db/core'
import { EMBEDDING_DIMENSIONS, TABLE_NAMES } from '@archon-db/core'
import type { Config } from '@archon-db/core/connection'
import { count } from '../migrating.ts'
import type { Result, Subject } from './examine.ts'

interface Check {
  readonly name: string
  run(subject: Subject): Promise<Result>
}

/** What is asked of every database in the same words. */
export const DATABASE_CHECKS: readonly Check[] = [
  { name: 'migrations', run: migrations },
  { name: 'tables', run: tables },
  { name: 'seed data', run: seeds },
  { name: 'write permission', run: writePermission },
  { name: 'keyword search', run: keywordSearch },
  { name: 'vector search', run: vectorSearch },
]

const MIGRATE = 'Run `archon-db migrate`.'

async function migrations({ database }: Subject): Promise<Result> {
  const { total, applied, pending, drift } = await database.migrations.status()
  if (drift.length > 0) {
    return { verdict: 'failed', detail: drift.map(({ message }) => message).join('\n') }
  }
  const detail = `${applied.length} of ${total} in place`
  if (pending.length === 0) return { verdict: 'ok', detail }
  const begun = pending.filter(({ interrupted }) => interrupted)
  if (begun.length === 0) return { verdict: 'failed', detail: `${detail}, ${pending.length} pending`, advice: MIGRATE }
  return {
    verdict: 'failed',
    detail: `${detail}; migration ${begun[0]?.version} was begun and not finished`,
    advice: MIGRATE,
  }
}

async function tables({ database }: Subject): Promise<Result> {
  const missing: string[] = []
  for (const table of database.schema.tables.keys()) {
    await database.select(table, { limit: 1 }).catch(() => missing.push(table))
  }
  if (missing.length === 0) return { verdict: 'ok', detail: `all ${database.schema.tables.size} there, and readable` }
  return {
    verdict: 'failed',
    detail: `cannot be read: ${missing.join(', ')}`,
    advice: `${MIGRATE} If it finds nothing to do, the user lacks the right to read.`,
  }
}

/** Archon itself does not start without its settings. */
async function seeds({ database }: Subject): Promise<Result> {
  const [settings, prompts] = [await database.count(TABLE_NAMES.settings), await database.count(TABLE_NAMES.prompts)]
  const detail = `${count(settings, 'setting')}, ${count(prompts, 'prompt')}`
  return settings > 0 && prompts > 0
    ? { verdict: 'ok', detail }
    : {
        verdict: 'warning',
        detail,
        advice: 'Archon expects the settings and prompts that the migrations bring. Were they deleted?',
      }
}

/** A real write, undone: the only question that a server answers truthfully. */
async function writePermission({ database }: Subject): Promise<Result> {
  const undo = new Error('Undone on purpose.')
  try {
    await database.transaction(async (tx) => {
      await tx.insert(TABLE_NAMES.settings, { key: `archon-db doctor ${randomUUID()}` }, { returning: false })
      throw undo
    })
  } catch (error) {
    if (error !== undo) throw error
  }
  return { verdict: 'ok', detail: 'a row could be written (and was taken back)' }
}

async function keywordSearch({ database }: Subject): Promise<Result> {
  if (!database.capabilities.fullText) {
    return {
      verdict: 'warning',
      detail: 'no full-text index on this server',
      advice: 'Searches by words read every row.',
    }
  }
  const hits = await database.search(TABLE_NAMES.chunks, { text: 'archon', mode: 'keyword', limit: 1 })
  return { verdict: 'ok', detail: `answers (${count(hits.length, 'hit')} for "archon")` }
}

/** Every stored vector is its own nearest neighbour; an index that misses one has lost it. */
async function vectorSearch({ database, config }: Subject): Promise<Result> {
  const about = placeOf(database, config)
  const checked: number[] = []
  for (const dimension of EMBEDDING_DIMENSIONS) {
    const found = await findsItself(database, dimension)
    if (found === false) {
      const detail = `${about}; a stored vector of ${dimension} numbers is not found by itself`
      return { verdict: 'failed', detail, advice: 'The index has lost rows: rebuild it.' }
    }
    if (found) checked.push(dimension)
  }
  const what = checked.length === 0 ? 'no vectors stored yet' : `finds what is stored (${checked.join(', ')} numbers)`
  return { verdict: 'ok', detail: `${about}; ${what}` }
}

function placeOf({ capabilities }: Database, { vector: { store } }: Config): string {
  if (store && store.name !== 'local') return `in ${store.name}`
  const { native, index, version } = capabilities.vector
  const engine = native ? `in the database${version ? ` (${version})` : ''}` : 'in this process'
  return `${engine}, ${index === 'none' ? 'every vector compared' : `${index} index`}`
}

const NEARLY_ONE = 0.999

/** Null when there is no vector of this length to look for. */
async function findsItself(database: Database, dimension: number): Promise<boolean | null> {
  const column = `embedding_${dimension}`
  const { rows } = await database.select(TABLE_NAMES.chunks, {
    columns: [column],
    where: { [column]: { isNull: false } },
    limit: 1,
  })
  const embedding = rows[0]?.[column]
  if (!(embedding instanceof Float32Array) || embedding.every((value) => value === 0)) return null
  const [nearest] = await database.search(TABLE_NAMES.chunks, { embedding, limit: 1, columns: ['id'] })
  return (nearest?.similarity ?? 0) >= NEARLY_ONE
}
