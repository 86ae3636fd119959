import type { Statement } from '@archon-db/core/dialect'
import { Answer, type ServerError } from './answer.ts'
import type { Kept } from './statements.ts'

/** From a request to the end of its answer. */
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
  /** Called when some rows are there, but not all. */
  suspended: (() => void) | null = null
  /** False as long as the server is not told that the request ends. */
  synced = true
  /** What it failed with while nobody waited. */
  failure: unknown = null

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

  /** The next portion of the rows: whether more may follow. */
  portion(): Promise<boolean> {
    return new Promise((resolve, reject) => {
      this.suspended = () => resolve(true)
      this.done = () => resolve(false)
      this.failed = (error) => {
        this.failure = error
        reject(error)
      }
    })
  }

  /** Whether the kept statement does not hold any more. */
  get stale(): boolean {
    return this.reused && STALE.has(this.error?.routine ?? '')
  }
}

/** What the server calls the places in its code that find this out; the SQLSTATEs there mean other things too. */
const STALE = new Set(['FetchPreparedStatement', 'RevalidateCachedQuery', 'transformAssignedExpr'])
