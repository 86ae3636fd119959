/** The part of Hrana 2 over HTTP, in JSON, that libSQL's client speaks. */

export interface PipelineRequest {
  readonly baton?: string | null
  readonly requests: readonly StreamRequest[]
}

export type StreamRequest =
  | { readonly type: 'close' }
  | { readonly type: 'execute'; readonly stmt: Stmt }
  | { readonly type: 'batch'; readonly batch: { readonly steps: readonly Step[] } }
  | { readonly type: 'sequence'; readonly sql?: string; readonly sql_id?: number }
  | { readonly type: 'store_sql'; readonly sql_id: number; readonly sql: string }
  | { readonly type: 'close_sql'; readonly sql_id: number }

export interface Stmt {
  readonly sql?: string
  readonly sql_id?: number
  readonly args?: readonly WireValue[]
}

interface Step {
  readonly condition?: Condition | null
  readonly stmt: Stmt
}

export type Condition =
  | { readonly type: 'ok'; readonly step: number }
  | { readonly type: 'error'; readonly step: number }
  | { readonly type: 'not'; readonly cond: Condition }
  | { readonly type: 'and'; readonly conds: readonly Condition[] }
  | { readonly type: 'or'; readonly conds: readonly Condition[] }

export type WireValue =
  | { readonly type: 'null' }
  | { readonly type: 'integer'; readonly value: string }
  | { readonly type: 'float'; readonly value: number }
  | { readonly type: 'text'; readonly value: string }
  | { readonly type: 'blob'; readonly base64: string }

export interface StmtResult {
  readonly cols: readonly { readonly name: string }[]
  readonly rows: readonly (readonly WireValue[])[]
  readonly affected_row_count: number
  readonly last_insert_rowid: string | null
}

export interface WireError {
  readonly message: string
  readonly code: string
}

export type SqliteValue = null | bigint | number | string | Uint8Array

export function toWire(value: SqliteValue): WireValue {
  if (value === null) return { type: 'null' }
  if (typeof value === 'bigint') return { type: 'integer', value: String(value) }
  if (typeof value === 'number') return { type: 'float', value }
  if (typeof value === 'string') return { type: 'text', value }
  return { type: 'blob', base64: Buffer.from(value).toString('base64').replace(/=+$/, '') }
}

export function fromWire(value: WireValue): SqliteValue {
  if (value.type === 'null') return null
  if (value.type === 'integer') return BigInt(value.value)
  return value.type === 'blob' ? Buffer.from(value.base64, 'base64') : value.value
}

/** The server says the primary code alone, and leaves the rest to its words. */
export function wireError(error: unknown): WireError {
  const { code = 'SQLITE_ERROR', message } = error as Error & { code?: string }
  const primary = String(code).split('_').slice(0, 2).join('_')
  return { message: `SQLite error: ${message}`, code: primary }
}
