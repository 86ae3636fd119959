import { DbError, describeValue, invalidInput } from '../errors.ts'
import type { Executor } from '../executor.ts'
import { type Bindings, type Condition, newBindings } from '../filter/ast.ts'
import { parseFilter } from '../filter/parse.ts'
import type { Filter } from '../filter/types.ts'
import type { OutputColumn, SelectQuery } from '../query/ast.ts'
import { checkCall } from '../query/options.ts'
import { columnOf, readableColumns, TableScope, tableOf } from '../query/scope.ts'
import type { CallOptions, Row } from '../query/specs.ts'
import { type ColumnInfo, EMBEDDING_DIMENSIONS, type TableInfo } from '../schema.ts'
import { hasDirection, toVector } from '../values.ts'
import { type FusedHit, fuse, type MatchType, type Ranked } from './fuse.ts'
import { keywordLeg } from './keyword.ts'
import { vectorLeg } from './nearest.ts'

export type SearchMode = 'vector' | 'keyword' | 'hybrid'

export interface SearchSpec<R extends object = Row> extends CallOptions {
  /** Its length says which embeddings are searched: 384, 768, 1024, 1536 or 3072. */
  readonly embedding?: Float32Array | readonly number[]
  /** Words that must all occur. Data throughout: no character in it is syntax. */
  readonly text?: string
  /** By default what the inputs allow: both → hybrid. */
  readonly mode?: SearchMode
  /** Default 10. */
  readonly limit?: number
  readonly filter?: Filter<R>
  /** Least similarity, inclusive, for hits that nearness alone brought in. */
  readonly minScore?: number
  /** Compare with every vector instead of asking an approximate index. */
  readonly exact?: boolean
  /** How hard an approximate index looks (its ef_search); more is slower and finds more. */
  readonly effort?: number
  /** Columns of the returned rows; all but the embeddings when absent. */
  readonly columns?: readonly string[]
}

export interface SearchHit<R = Row> {
  readonly row: R
  /** What the hits are ordered by: similarity, the keyword score, or their reciprocal rank fusion. */
  readonly score: number
  /** Cosine similarity in [-1, 1]; null for hits found by words alone. */
  readonly similarity: number | null
  /** Between 0 and 1; null for hits found by nearness alone. */
  readonly keywordScore: number | null
  readonly matchType: MatchType
}

/** What the two legs share. */
export interface Leg {
  readonly executor: Executor
  readonly table: TableInfo
  readonly where: Condition | null
  readonly bindings: Bindings
  readonly limit: number
  readonly signal?: AbortSignal
}

/** The text that keyword search reads, per table. */
const TEXT_FIELDS: Readonly<Record<string, readonly string[]>> = {
  archon_crawled_pages: ['content'],
  archon_code_examples: ['content', 'summary'],
}

/** In hybrid mode each leg looks further than the result is long, so that a hit low in both can still win. */
const HYBRID_DEPTH = 50
const MAX_LIMIT = 10_000

export async function search(executor: Executor, tableName: string, spec: SearchSpec): Promise<SearchHit[]> {
  const table = tableOf(executor.shared.dialect.schema, tableName)
  const plan = planSearch(table, spec)
  if (plan.mode !== 'keyword' && !executor.shared.vectorSearch) {
    throw new DbError(
      'unsupported',
      "Search by nearness is switched off. Set ENABLE_VECTOR_SEARCH=true, or search with mode 'keyword'.",
    )
  }
  const columns = outputColumns(table, spec)
  if (plan.limit === 0) return []
  const bindings = newBindings()
  const where = parseFilter(spec.filter, new TableScope(table, spec.naming ?? 'name'), bindings)
  const depth = plan.mode === 'hybrid' ? Math.max(HYBRID_DEPTH, plan.limit) : plan.limit
  const leg: Leg = { executor, table, where, bindings, limit: depth, ...(spec.signal ? { signal: spec.signal } : {}) }
  const near =
    plan.mode === 'keyword' ? [] : await vectorLeg(leg, plan.column as ColumnInfo, plan.vector as Float32Array, spec)
  const words =
    plan.mode === 'vector'
      ? []
      : await keywordLeg(leg, plan.text as string, TEXT_FIELDS[table.name] as readonly string[])
  return withRows(leg, columns, ranked(plan.mode, near, words, plan.limit))
}

interface SearchPlan {
  readonly mode: SearchMode
  readonly limit: number
  readonly vector?: Float32Array
  readonly column?: ColumnInfo
  readonly text?: string
}

/** Everything that can be wrong with a search, settled before any database is asked. */
export function planSearch(table: TableInfo, spec: SearchSpec): SearchPlan {
  if (!TEXT_FIELDS[table.name])
    throw new DbError(
      'unsupported',
      `Table ${table.name} cannot be searched; ${Object.keys(TEXT_FIELDS).join(' and ')} can.`,
      { table: table.name },
    )
  checkCall(spec)
  const { limit = 10, minScore } = spec
  if (!Number.isSafeInteger(limit) || limit < 0 || limit > MAX_LIMIT)
    throw invalidInput(`A search takes a limit between 0 and ${MAX_LIMIT}.`)
  if (minScore !== undefined && !Number.isFinite(minScore)) throw invalidInput('minScore takes a finite number.')
  const mode = spec.mode ?? impliedMode(spec)
  if (!MODES.has(mode)) throw invalidInput("mode takes 'vector', 'keyword' or 'hybrid'.")
  return {
    mode,
    limit,
    ...(mode === 'keyword' ? {} : vectorPart(table, spec)),
    ...(mode === 'vector' ? {} : textPart(spec)),
  }
}

const MODES: ReadonlySet<string> = new Set(['vector', 'keyword', 'hybrid'])

function impliedMode(spec: SearchSpec): SearchMode {
  if (spec.embedding !== undefined) return spec.text === undefined ? 'vector' : 'hybrid'
  if (spec.text !== undefined) return 'keyword'
  throw invalidInput('A search needs an embedding, a text, or both.')
}

function vectorPart(table: TableInfo, spec: SearchSpec): { vector: Float32Array; column: ColumnInfo } {
  if (spec.embedding === undefined) throw invalidInput(`mode '${spec.mode}' needs an embedding.`)
  const vector = toVector(spec.embedding, 'embedding')
  const column = table.byName.get(`embedding_${vector.length}`)
  if (!column)
    throw invalidInput(`An embedding has ${EMBEDDING_DIMENSIONS.join(', ')} numbers; this one has ${vector.length}.`)
  if (!hasDirection(vector)) throw invalidInput('An embedding of zeros alone points nowhere, so nothing is near to it.')
  return { vector, column }
}

function textPart(spec: SearchSpec): { text: string } {
  if (typeof spec.text === 'string') return { text: spec.text }
  throw invalidInput(
    spec.text === undefined
      ? `mode '${spec.mode}' needs a text.`
      : `text takes a string, not ${describeValue(spec.text)}.`,
  )
}

export function outputColumns(table: TableInfo, spec: SearchSpec): OutputColumn[] {
  const naming = spec.naming ?? 'name'
  const columns = spec.columns
    ? spec.columns.map((name) => columnOf(table, name, naming))
    : readableColumns(table).filter((column) => column.kind !== 'vector')
  return columns.map((column) => ({ as: naming === 'key' ? column.key : column.name, field: { column } }))
}

/** One ranking out of the legs' rankings. */
export function ranked(mode: SearchMode, near: readonly Ranked[], words: readonly Ranked[], limit: number): FusedHit[] {
  if (mode === 'hybrid') return fuse(near, words, { limit })
  return mode === 'vector'
    ? near.map(({ id, score }) => ({ id, score, matchType: 'vector', vectorScore: score, keywordScore: null }))
    : words
        .slice(0, limit)
        .map(({ id, score }) => ({ id, score, matchType: 'keyword', vectorScore: null, keywordScore: score }))
}

/** The hits' rows in one query; a row deleted since it was ranked is left out. */
async function withRows(leg: Leg, columns: readonly OutputColumn[], hits: readonly FusedHit[]): Promise<SearchHit[]> {
  if (hits.length === 0) return []
  const id = leg.table.byName.get('id') as ColumnInfo
  const query: SelectQuery = {
    kind: 'select',
    table: leg.table,
    joins: [],
    columns: [...columns, { as: ':id', field: { column: id }, key: 0, hidden: true }],
    where: { type: 'in', field: { column: id }, values: 0 },
    groupBy: [],
    orderBy: [],
    limit: null,
    offset: null,
    count: false,
    distinct: false,
    lock: false,
  }
  const plan = leg.executor.plan(
    `hits ${leg.table.name} ${JSON.stringify(columns.map((column) => column.as))}`,
    () => query,
  )
  const arrays = await leg.executor.rows(plan, [hits.map((hit) => hit.id)], leg.signal)
  const rows = plan.decode(arrays)
  const byId = new Map(arrays.map((values, i) => [String(plan.keys(values)[0]), rows[i] as Row]))
  return hits.flatMap(({ id, score, vectorScore, keywordScore, matchType }) => {
    const row = byId.get(String(id))
    return row ? [{ row, score, similarity: vectorScore, keywordScore, matchType }] : []
  })
}
