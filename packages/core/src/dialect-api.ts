/** What a dialect, a store or a second implementation of the contract is built from. */
export * from './dialect.ts'
export { type DrizzleRunner, dialectOf, drizzleRunner } from './drizzle.ts'
export { DbError, type DbErrorCode, invalidInput, isDbError } from './errors.ts'
export * from './filter/ast.ts'
export { compareValues, evaluate, type FieldReader, followPath, jsonContains, type Truth } from './filter/evaluate.ts'
export { FILTER_OPERATORS, type FieldScope, parseFilter } from './filter/parse.ts'
export { parsePath } from './filter/path.ts'
export { caseVariants, foldChar, matchesPattern, type PatternToken, parsePattern } from './filter/pattern.ts'
export { Mutex } from './internal/mutex.ts'
export { uuidv7 } from './internal/uuid.ts'
export type { LiveColumn, LiveSchema, LiveTable } from './migrator/live-schema.ts'
export type { Migration } from './migrator/migration.ts'
export * from './query/ast.ts'
export { type Compiler, compile, compileFragment } from './query/compile.ts'
export { encodeCursor } from './query/cursor.ts'
export {
  type JoinedSelectSpec,
  type Parsed,
  type ParsedSelect,
  parseAggregate,
  parseSelect,
} from './query/parse-select.ts'
export {
  type ParsedInsert,
  parseDelete,
  parseInsert,
  parseUpdate,
  parseUpsert,
  type RowGroup,
} from './query/parse-write.ts'
export { bindPlan, type Plan, PlanCache } from './query/plan.ts'
export { TableScope, tableOf } from './query/scope.ts'
export { renderer } from './render.ts'
export * from './rows.ts'
export * from './schema.ts'
export { analyzeQuery, type KeywordQuery } from './search/analyze.ts'
export { compareIds, fuse, type Ranked } from './search/fuse.ts'
export { cosineTo } from './search/nearest.ts'
export { scoreText } from './search/score.ts'
export { outputColumns, planSearch, ranked } from './search/search.ts'
export { byRank, TopK } from './search/top-k.ts'
export * from './search/vector-index.ts'
export * from './sql.ts'
export { firstWord, holdsSeveral } from './statement.ts'
export * from './tables.ts'
export { checkValue, hasDirection, jsonNull, narrowBigint, parseTimestamp, toVector } from './values.ts'
