import { type BeginOptions, DbError, type Statement } from '@archon-db/core/dialect'
import type { Answer } from './answer.ts'

/** One connection, whatever it is made of. */
export interface Link {
  /** It has ended, and everything sent to it will fail. */
  readonly gone: boolean
  /** The number of the server's process behind it, once known. */
  readonly backend: number | undefined
  /** It has answered before. */
  readonly proven: boolean
  /** Statements that have no answer yet. */
  readonly pending: number
  /** When the oldest of those was sent, or the last one answered. */
  readonly since: number
  readonly created: number
  onGone: (() => void) | undefined
  /** How many callers share it to read; kept by the pool. */
  reads: number
  /** Sends a statement; one of the two is called when it has ended. Costs less than a promise does. */
  start(statement: Statement, done: (answer: Answer) => void, failed: (error: unknown) => void): void
  send(statement: Statement): Promise<Answer>
  /** Bare text, which may be several statements; the answer is the last one's. */
  command(text: string): Promise<Answer>
  /** Rows as they come, `size` at a time. Nothing else may be sent until this has ended. */
  cursor(statement: Statement, size: number): AsyncGenerator<unknown[][]>
  /** Asks the server to give up what it is doing. */
  cancel(): void
  /** At once; whatever was sent fails. */
  destroy(): void
  /** After what was sent has been answered. */
  end(): Promise<void>
}

const LEVELS = {
  'read-committed': 'read committed',
  snapshot: 'repeatable read',
  serializable: 'serializable',
} as const

/** What opens a transaction, in one message. */
export function beginText({ isolation, readOnly, timeoutMs }: BeginOptions, prologue: string = ''): string {
  const limit = timeoutMs === undefined ? '' : `; set local statement_timeout = ${Math.max(1, Math.round(timeoutMs))}`
  return `begin isolation level ${LEVELS[isolation]}${readOnly ? ' read only' : ''}${prologue}${limit}`
}

export function lost(): DbError {
  return new DbError('connection_lost', 'The connection was lost; what the transaction did is undone. Run it again.')
}
