import assert from 'node:assert/strict'
import { type Database, DbError, type DbErrorCode } from '@archon-db/core'
import type { BreakableServer, Context } from '../../harness/index.ts'

export const SOURCES = 'archon_sources'

export interface Broken {
  readonly server: BreakableServer
  readonly db: Database
}

/** Runs with a handle on a server to break, and closes the handle whatever happens. */
export async function onBreakable(
  { breakableServer }: Pick<Context, 'breakableServer'>,
  options: Parameters<BreakableServer['open']>[0],
  work: (broken: Broken) => Promise<void>,
): Promise<void> {
  const server = await breakableServer()
  const db = await server.open(options)
  try {
    await work({ server, db })
  } finally {
    server.wire.mend()
    server.kill('SIGCONT')
    await db.close()
  }
}

/** Failures that a caller may meet while the server is away; all of them can be tried again. */
const OUTAGE: ReadonlySet<DbErrorCode> = new Set([
  'connection_lost',
  'connection_failed',
  'too_many_connections',
  'pool_exhausted',
])

export function isOutage(error: unknown): boolean {
  return error instanceof DbError && OUTAGE.has(error.code) && error.retryable
}

/** The error a call ended with; fails when it succeeded, or did not end in time. */
export async function failure(call: Promise<unknown>, withinMs = 20_000): Promise<DbError> {
  const error = await within(
    call.then(
      () => assert.fail('The call succeeded.'),
      (reason: unknown) => reason,
    ),
    withinMs,
  )
  assert.ok(error instanceof DbError, String(error))
  return error
}

export async function within<T>(call: Promise<T>, ms: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`A call did not end within ${ms} ms.`)), ms)
  })
  try {
    return await Promise.race([call, late])
  } finally {
    clearTimeout(timer)
  }
}
