import { DbError, type DbErrorCode } from '@archon-db/core'

/** The client's errors by name: its classes are only there once it is loaded. */
const CODES: Readonly<Record<string, readonly [DbErrorCode, string]>> = {
  ChromaUnauthorizedError: ['permission_denied', 'Chroma refused the credentials. Check CHROMA_API_KEY.'],
  ChromaForbiddenError: ['permission_denied', 'Chroma does not allow this with these credentials.'],
  ChromaRateLimitError: ['too_many_connections', 'Chroma takes no more requests at the moment. Try again later.'],
  ChromaQuotaExceededError: ['unsupported', 'A quota of this Chroma database is used up. Raise it, or delete data.'],
  ChromaNotFoundError: ['not_found', 'The vector collection was dropped meanwhile. Create it again.'],
  ChromaConnectionError: ['connection_failed', 'Chroma does not answer. Check CHROMA_URL, and that the server runs.'],
  ChromaServerError: ['unknown', 'Chroma failed. Its log says why; the cause has what it answered.'],
}

export function toDbError(error: unknown): DbError {
  const name = nameOf(error)
  const [code, message] = CODES[name] ?? ['unknown', 'Chroma refused a request. The cause has what it answered.']
  return new DbError(code, message, { cause: error })
}

export function isGone(error: unknown): boolean {
  return nameOf(error) === 'ChromaNotFoundError'
}

export function isTaken(error: unknown): boolean {
  return nameOf(error) === 'ChromaUniqueError'
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : ''
}
