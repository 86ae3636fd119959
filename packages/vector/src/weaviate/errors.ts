import { DbError, type DbErrorCode } from '@archon-db/core'

type Meaning = readonly [DbErrorCode, string]

const DENIED: Meaning = ['permission_denied', 'Weaviate refused the credentials. Check WEAVIATE_API_KEY.']
const GONE: Meaning = ['not_found', 'The vector collection was dropped meanwhile. Create it again.']
const SLOW: Meaning = ['query_timeout', 'Weaviate took too long to answer. Ask for less, or look at its load.']
const BUSY: Meaning = ['too_many_connections', 'Weaviate takes no more requests at the moment. Try again later.']
const SILENT: Meaning = [
  'connection_failed',
  'Weaviate does not answer. Check WEAVIATE_URL, that the server runs, and that its gRPC port can be reached too.',
]
const TOO_LARGE: Meaning = [
  'invalid_input',
  'An item is larger than a message to or from Weaviate may be. Keep long texts elsewhere, or raise GRPC_MAX_MESSAGE_SIZE.',
]
const FAILED: Meaning = ['unknown', 'Weaviate failed. Its log says why; the cause has what it answered.']

/** The client's errors by name: its classes are only there once it is loaded. */
const BY_NAME: Readonly<Record<string, Meaning>> = {
  WeaviateUnauthenticatedError: DENIED,
  WeaviateInsufficientPermissionsError: DENIED,
  WeaviateRequestTimeoutError: SLOW,
  WeaviateGRPCUnavailableError: SILENT,
  WeaviateStartUpError: SILENT,
}

const BY_STATUS: Readonly<Record<string, Meaning>> = {
  UNAUTHENTICATED: DENIED,
  PERMISSION_DENIED: DENIED,
  DEADLINE_EXCEEDED: SLOW,
  UNAVAILABLE: SILENT,
  RESOURCE_EXHAUSTED: BUSY,
  404: GONE,
  429: BUSY,
  500: FAILED,
  502: SILENT,
  503: SILENT,
  504: SLOW,
}

export function toDbError(error: unknown): DbError {
  const [code, message] = meaningOf(error)
  return new DbError(code, message, { cause: error })
}

/** Of the first request, which every Weaviate answers. */
export function toOpeningError(error: unknown): DbError {
  const known = toDbError(error)
  if (known.code !== 'not_found' && known.code !== 'unknown') return known
  return new DbError('connection_failed', 'What answers there is not Weaviate. Check WEAVIATE_URL.', { cause: error })
}

export function isMissing(error: unknown): boolean {
  return statusOf(error) === '404'
}

/** More than one message of gRPC may carry, on the way there or back. */
export function isTooLarge(error: unknown): boolean {
  return statusOf(error) === 'RESOURCE_EXHAUSTED' && /larger than/.test(textOf(error))
}

export function isTaken(error: unknown): boolean {
  return statusOf(error) === '422' && /already exists/.test(textOf(error))
}

function meaningOf(error: unknown): Meaning {
  if (isTooLarge(error)) return TOO_LARGE
  const known = BY_NAME[error instanceof Error ? error.name : ''] ?? BY_STATUS[statusOf(error)]
  if (known) return known
  const text = textOf(error)
  if (/could not find class|class .* not found/i.test(text)) return GONE
  // What fetch says when there is nobody, or nobody any more.
  if (error instanceof TypeError && /^(fetch failed|terminated)$/.test(text)) return SILENT
  return ['unknown', 'Weaviate refused a request. The cause has what it answered.']
}

/** The HTTP status, or the name of gRPC's, which the client only tells in the text. */
function statusOf(error: unknown): string {
  if (error instanceof Error && 'code' in error && typeof error.code === 'number') return String(error.code)
  return /\/weaviate\.v1\.Weaviate\/\w+ ([A-Z_]+):/.exec(textOf(error))?.[1] ?? ''
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : ''
}
