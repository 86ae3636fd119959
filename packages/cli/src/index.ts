export type * from '@archon-db/core'
export {
  DB_ERROR_CODES,
  DbError,
  EMBEDDING_DIMENSIONS,
  increment,
  isDbError,
  jsonMerge,
  jsonNull,
  on,
  sql,
  TASK_PRIORITIES,
  TASK_STATUSES,
} from '@archon-db/core'
export type { ConnectOptions, DatabaseType, VectorStoreName } from '@archon-db/core/connection'
export { connect } from './connect.ts'
