import type { Statement } from '@archon-db/core/dialect'
import { Answer, type Columns, type ServerError } from './answer.ts'
import { typeOf } from './wire.ts'

/** A statement that the server keeps under a name. */
export interface Kept {
  readonly key: string
  readonly name: string
  /** Sent to be parsed; what follows may use the name before the server has answered. */
  sent: boolean
  /** Of its parameters and rows; null until the server has said them. */
  types: readonly number[] | null
  columns: Columns | null
}

/** What is in between a request and its answer's end. */
export class Exchange {
  answer: Answer = new Answer()
  error: ServerError | null = null
  readonly kept: Kept | null
  /** Whether the statement was kept from before: then it can have become invalid. */
  readonly reused: boolean
  /** To be sent once more; null where that is of no use. */
  readonly statement: Statement | null
  done: (answer: Answer) => void
  failed: (error: unknown) => void
  /** For rows in portions. */
  suspended: (() => void) | null = null
  synced = true

  constructor(
    done: (answer: Answer) => void,
    failed: (error: unknown) => void,
    kept: Kept | null = null,
    statement: Statement | null = null,
  ) {
    this.done = done
    this.failed = failed
    this.kept = kept
    this.statement = statement
    this.reused = kept?.sent ?? false
  }
}

const NO_TYPES: readonly number[] = []

/** Types that values say by themselves; empty where none does, as in most statements. */
export function ownTypes(params: readonly unknown[]): readonly number[] {
  for (const value of params) if (typeOf(value) !== 0) return params.map(typeOf)
  return NO_TYPES
}

/** Arrays and plain objects have no text without a type. */
export function wantTypes(params: readonly unknown[], own: readonly number[]): boolean {
  for (let i = 0; i < params.length; i++)
    if (typeof params[i] === 'object' && params[i] !== null && (own[i] ?? 0) === 0) return true
  return false
}

/** What the server's own code calls the places where it finds that a kept statement does not hold any more. */
const STALE = new Set(['FetchPreparedStatement', 'RevalidateCachedQuery', 'transformAssignedExpr'])

export function isStale({ error, reused }: Exchange): boolean {
  return reused && STALE.has(error?.routine ?? '')
}
