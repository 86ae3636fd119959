import type { FollowOptions } from '@archon-db/vector/local'

export interface SqliteOptions {
  /** `file:./archon.db`, a plain path, `:memory:`, or `libsql://…` for a server. */
  readonly url: string
  /** For a libSQL server. */
  readonly authToken?: string
  /** How long a write waits for its turn. Default 5000. */
  readonly lockTimeoutMs?: number
  /** About the index that vector searches use. Of a file it is kept in `<file>.vectors`, unless `folder` names another. */
  readonly vectors?: FollowOptions
}
