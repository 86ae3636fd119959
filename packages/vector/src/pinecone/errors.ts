import { DbError, type DbErrorCode } from '@archon-db/core'

type Meaning = readonly [DbErrorCode, string]

const UNAVAILABLE: Meaning = [
  'connection_failed',
  'Pinecone is not available at the moment. Try again later; status.pinecone.io says more.',
]
const TOO_MANY: Meaning = ['too_many_connections', 'Pinecone takes no more requests at the moment. Try again later.']
const QUOTA: Meaning = ['unsupported', 'A quota of this Pinecone project is used up. Raise it, or delete data.']

/** The client's errors by name: its classes are only there once it is loaded. */
const MEANINGS: Readonly<Record<string, Meaning>> = {
  PineconeAuthorizationError: ['permission_denied', 'Pinecone refused the API key. Check PINECONE_API_KEY.'],
  PineconePaymentRequiredError: ['permission_denied', 'Pinecone wants its bill settled. Its console says more.'],
  PineconeNotFoundError: ['not_found', 'The vector collection was dropped meanwhile. Create it again.'],
  PineconeConnectionError: [
    'connection_failed',
    'Pinecone does not answer. Check the network, and PINECONE_HOST where it is set.',
  ],
  PineconeInternalServerError: UNAVAILABLE,
  PineconeUnavailableError: UNAVAILABLE,
  PineconeMaxRetriesExceededError: UNAVAILABLE,
}

export function toDbError(error: unknown): DbError {
  if (error instanceof DbError) return error
  const [code, message] = meaningOf(error)
  return new DbError(code, message, { cause: error })
}

function meaningOf(error: unknown): Meaning {
  const { name = '', message = '' } = error instanceof Error ? error : {}
  if (name === 'PineconeUnmappedHttpError' && message.includes('Status: 429')) return TOO_MANY
  // The client tells a forbidden request from a bad one by its words alone.
  if (name === 'PineconeBadRequestError' && /quota|reached the max/i.test(message)) return QUOTA
  return MEANINGS[name] ?? ['unknown', 'Pinecone refused a request. The cause has what it answered.']
}

export function isGone(error: unknown): boolean {
  return isNamed(error, 'PineconeNotFoundError')
}

export function isTaken(error: unknown): boolean {
  return isNamed(error, 'PineconeConflictError')
}

/** What a call on a collection runs into when another process has dropped or changed it. */
export function mayBeOutdated(error: unknown): boolean {
  if (error instanceof DbError) return error.code === 'invalid_input'
  return isGone(error) || isNamed(error, 'PineconeBadRequestError') || isNamed(error, 'PineconeConnectionError')
}

function isNamed(error: unknown, name: string): boolean {
  return error instanceof Error && error.name === name
}
