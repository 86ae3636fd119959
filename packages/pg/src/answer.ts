import type { RowsResult, RunResult } from '@archon-db/core/dialect'
import { SAID } from './frames.ts'
import { type Decode, decoderOf } from './wire.ts'

/** What the rows of a statement are made of; kept with a prepared statement. */
export interface Columns {
  readonly names: readonly string[]
  readonly decoders: readonly Decode[]
}

export const NO_COLUMNS: Columns = { names: [], decoders: [] }

/** What came of one statement. The same object goes up to whoever asked, whether for rows or for their number. */
export class Answer implements RowsResult, RunResult {
  readonly rows: unknown[][] = []
  described: Columns = NO_COLUMNS
  /** As the server says it: `INSERT 0 5`, `SELECT 3`, `COMMIT`. Empty until the statement is done. */
  tag = ''

  get columns(): readonly string[] {
    return this.described.names
  }

  /** What the server calls what it did. */
  get command(): string {
    return /^\D*?(?= ?\d|$)/.exec(this.tag)?.[0] ?? ''
  }

  get changes(): number {
    return Number(/\d+$/.exec(this.tag)?.[0] ?? 0)
  }
}

/** The body of a RowDescription. */
export function columnsOf(bytes: Buffer, start: number): Columns {
  const names: string[] = []
  const decoders: Decode[] = []
  let at = start + 2
  for (let left = bytes.readUInt16BE(start); left > 0; left--) {
    const end = bytes.indexOf(0, at)
    names.push(bytes.toString('utf8', at, end))
    decoders.push(decoderOf(bytes.readUInt32BE(end + 7)))
    at = end + 19
  }
  return { names, decoders }
}

/** The body of a ParameterDescription. */
export function typesOf(bytes: Buffer, start: number): number[] {
  return Array.from({ length: bytes.readUInt16BE(start) }, (_, i) => bytes.readUInt32BE(start + 2 + i * 4))
}

/** The body of a DataRow. */
function rowOf(bytes: Buffer, start: number, decoders: readonly Decode[]): unknown[] {
  const width = decoders.length
  const row = new Array<unknown>(width)
  let at = start + 2
  for (let i = 0; i < width; i++) {
    const length = int32(bytes, at)
    at += 4
    if (length < 0) row[i] = null
    else {
      row[i] = (decoders[i] as Decode)(bytes, at, at + length)
      at += length
    }
  }
  return row
}

/** Buffer's own method checks its argument, once for each value of each row. */
export function int32(bytes: Buffer, at: number): number {
  return (
    ((bytes[at] as number) << 24) |
    ((bytes[at + 1] as number) << 16) |
    ((bytes[at + 2] as number) << 8) |
    (bytes[at + 3] as number)
  )
}

/** Of several statements in one text the last one counts. */
export function listen(answer: Answer, letter: number, bytes: Buffer, start: number, end: number): Answer {
  if (letter === SAID.row) answer.rows.push(rowOf(bytes, start, answer.described.decoders))
  else if (letter === SAID.columns || letter === SAID.done) {
    const current = answer.tag === '' ? answer : new Answer()
    if (letter === SAID.done) current.tag = bytes.toString('latin1', start, end - 1)
    else current.described = columnsOf(bytes, start)
    return current
  }
  return answer
}

/** The fields of an error by the letters that the protocol gives them. The severity comes in the server's language first. */
const FIELDS: Readonly<Record<string, string>> = {
  S: 'severity',
  V: 'severity',
  C: 'code',
  M: 'message',
  D: 'detail',
  H: 'hint',
  P: 'position',
  p: 'internal_position',
  q: 'internal_query',
  W: 'where',
  s: 'schema_name',
  t: 'table_name',
  c: 'column_name',
  d: 'data_type_name',
  n: 'constraint_name',
  F: 'file',
  L: 'line',
  R: 'routine',
}

export interface ServerError extends Error {
  readonly severity?: string
  readonly code?: string
  readonly routine?: string
}

/** The body of an ErrorResponse. */
export function failureOf(bytes: Buffer, start: number): ServerError {
  const fields: Record<string, string> = {}
  for (let at = start; bytes[at] !== 0; ) {
    const end = bytes.indexOf(0, at)
    const field = FIELDS[String.fromCharCode(bytes[at] as number)]
    if (field) fields[field] = bytes.toString('utf8', at + 1, end)
    at = end + 1
  }
  return Object.assign(new Error(fields.message), fields)
}
