import type { OutputColumn } from '../query/ast.ts'
import { commas, compileFragment } from '../query/compile.ts'
import { bindPlan } from '../query/plan.ts'
import type { ColumnInfo } from '../schema.ts'
import { sql } from '../sql.ts'
import { analyzeQuery, type KeywordQuery } from './analyze.ts'
import type { Ranked } from './fuse.ts'
import { scoreText } from './score.ts'
import type { Leg } from './search.ts'
import { TopK } from './top-k.ts'

const BATCH = 200

/** Rows that hold all the words, best first. The database finds candidates; whether and how well they match is decided here. */
export async function keywordLeg(leg: Leg, text: string, fields: readonly string[]): Promise<Ranked[]> {
  const query = analyzeQuery(text)
  if (query.empty) return []
  const { executor, table, where, bindings } = leg
  const { dialect } = executor.shared
  const columns = ['id', ...fields].map((name) => table.byName.get(name) as ColumnInfo)
  const outputs = columns.map((column): OutputColumn => ({ as: column.name, field: { column } }))
  const candidates = dialect.fragments.text.candidates(
    dialect.tables.get(table.name)!,
    query.terms,
    executor.transaction !== null,
  )
  const plan = compileFragment(
    dialect,
    table,
    (compiler) => {
      const selected = commas(columns.map((column) => dialect.fragments.fetch(compiler.column(column), column)))
      return sql`select ${selected} from ${sql.identifier(table.name)}${compiler.where(where, [candidates])}`
    },
    outputs,
  )
  const best = new TopK(leg.limit)
  for await (const batch of executor.stream(
    { ...bindPlan(plan, bindings.values), prepare: false },
    BATCH,
    leg.signal,
  )) {
    rank(query, fields, plan.decode(batch), best)
  }
  return best.sorted()
}

function rank(
  query: KeywordQuery,
  fields: readonly string[],
  rows: readonly Record<string, unknown>[],
  best: TopK,
): void {
  for (const row of rows) {
    const score = scoreText(
      query,
      fields.map((field) => row[field] as string),
    )
    if (score !== null) best.offer({ id: row.id as number | bigint, score })
  }
}
