import { readFile } from 'node:fs/promises'
import type { Dialect, Session } from '../dialect.ts'
import type { QueryEvents } from '../observe/events.ts'
import { Ledger } from './ledger.ts'
import type { Migration } from './migration.ts'
import type { Talk } from './present.ts'

/** What one run of the migrator works with, from taking the lock to giving it back. */
export interface MigratorContext {
  readonly dialect: Dialect
  readonly session: Session
  readonly ledger: Ledger
  readonly events: QueryEvents
  readonly toolVersion: string
  readonly report: (event: MigrationEvent) => void
}

/** What `onProgress` hears. */
export type MigrationEvent =
  | {
      readonly type: 'start'
      readonly direction: 'up' | 'down'
      readonly version: number
      readonly name: string
      readonly statements: number
    }
  | { readonly type: 'statement'; readonly version: number; readonly statement: number; readonly statements: number }
  | { readonly type: 'batch'; readonly version: number; readonly rows: number }
  | {
      readonly type: 'done'
      readonly direction: 'up' | 'down'
      readonly version: number
      readonly name: string
      readonly durationMs: number
    }

/** Runs one statement of a migration; listeners hear of it as of any other. */
export async function runStatement({ dialect, events }: MigratorContext, talk: Talk, text: string): Promise<void> {
  const started = performance.now()
  const emit = (rows: number, error?: Error): void => {
    events.emit({
      text,
      tables: [],
      write: true,
      durationMs: performance.now() - started,
      rows,
      ...(error ? { error } : {}),
    })
  }
  try {
    const { changes } = await talk.run({ text, params: [], write: true, tables: [], prepare: false })
    emit(changes)
  } catch (cause) {
    const error = dialect.toDbError(cause)
    emit(0, error)
    throw error
  }
}

/** One transaction on the session that holds the lock. */
export async function inTransaction<T>(
  { session, dialect }: MigratorContext,
  work: (talk: Talk, ledger: Ledger) => Promise<T>,
): Promise<T> {
  const transaction = await session.begin({ isolation: 'read-committed', readOnly: false })
  let result: T
  try {
    result = await work(transaction, new Ledger(dialect, transaction))
  } catch (error) {
    await transaction.rollback()
    throw dialect.toDbError(error)
  }
  await transaction.commit()
  return result
}

/** All statements of the migration and the ledger's row commit together. */
export function isWhole({ dialect }: MigratorContext, { meta }: Migration): boolean {
  return dialect.traits.transactionalDdl && meta.transaction !== false
}

/** The version of this package, for the ledger. */
export async function readToolVersion(): Promise<string> {
  const { version }: { version?: unknown } = JSON.parse(
    await readFile(new URL('../../package.json', import.meta.url), 'utf8'),
  )
  return String(version)
}
