import type { SearchHit, SearchSpec } from '@archon-db/core'
import {
  analyzeQuery,
  compareIds,
  newBindings,
  outputColumns,
  parseFilter,
  planSearch,
  type Ranked,
  ranked,
  type Schema,
  scoreText,
  TableScope,
  tableOf,
} from '@archon-db/core/dialect'
import { matchingRows } from './select.ts'
import { type State, type StoredRow, toFetched } from './state.ts'

const TEXTS: Readonly<Record<string, readonly string[]>> = {
  archon_crawled_pages: ['content'],
  archon_code_examples: ['content', 'summary'],
}

/** How deep each list is before two are fused. */
const DEPTH = 50

/** Every row is scored against the query; nothing is indexed, so nothing can be stale or missed. */
export function runSearch(schema: Schema, state: State, tableName: string, spec: SearchSpec): SearchHit[] {
  const table = tableOf(schema, tableName)
  const plan = planSearch(table, spec)
  const columns = outputColumns(table, spec)
  const bindings = newBindings()
  const where = parseFilter(spec.filter, new TableScope(table, spec.naming ?? 'name'), bindings)
  const rows = matchingRows(state, { table, where }, bindings.values)
  const depth = plan.mode === 'hybrid' ? Math.max(DEPTH, plan.limit) : plan.limit
  const near =
    plan.vector && plan.column ? nearest(rows, plan.column.name, plan.vector, spec.minScore).slice(0, depth) : []
  const words = plan.text === undefined ? [] : worded(rows, TEXTS[table.name] ?? [], plan.text).slice(0, depth)
  return ranked(plan.mode, near, words, plan.limit).map(({ id, score, vectorScore, keywordScore, matchType }) => {
    const found = rows.find((candidate) => compareIds(idOf(candidate), id) === 0)
    const row = Object.fromEntries(columns.map(({ as, field }) => [as, toFetched(found?.[field!.column.name])]))
    return { row, score, similarity: vectorScore, keywordScore, matchType }
  })
}

function nearest(
  rows: readonly StoredRow[],
  column: string,
  query: Float32Array,
  minScore = Number.NEGATIVE_INFINITY,
): Ranked[] {
  const withVector = rows.filter((row) => (row[column] as Float32Array | null)?.some((value) => value !== 0))
  const scored = withVector.map((row) => ({ id: idOf(row), score: cosine(query, row[column] as Float32Array) }))
  return bestFirst(scored.filter(({ score }) => score >= minScore))
}

function worded(rows: readonly StoredRow[], fields: readonly string[], text: string): Ranked[] {
  const query = analyzeQuery(text)
  return bestFirst(
    rows.flatMap((row) => {
      const texts = fields.map((field) => row[field] as string)
      const score = scoreText(query, texts)
      return score === null ? [] : [{ id: idOf(row), score }]
    }),
  )
}

function bestFirst(hits: Ranked[]): Ranked[] {
  return hits.sort((a, b) => b.score - a.score || compareIds(a.id, b.id))
}

function idOf(row: StoredRow): number | bigint {
  return row.id as number | bigint
}

function cosine(a: Float32Array, b: Float32Array): number {
  const scale = Math.sqrt(dot(a, a)) * Math.sqrt(dot(b, b))
  return scale === 0 ? 0 : Math.max(-1, Math.min(1, dot(a, b) / scale))
}

function dot(a: Float32Array, b: Float32Array): number {
  return a.reduce((sum, value, i) => sum + value * (b[i] as number), 0)
}
