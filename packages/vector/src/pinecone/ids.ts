import { createHash } from 'node:crypto'

/** Pinecone's ids are ASCII of 512 characters at most: these go as they are. */
const PLAIN = /^[A-Za-z0-9][A-Za-z0-9_.:#@/+=-]{0,511}$/
const LONGEST = 512
/** No plain id begins with it. */
const ENCODED = '~u'
const HASHED = '~h'

export function encodeId(id: string): string {
  if (PLAIN.test(id)) return id
  const encoded = ENCODED + Buffer.from(id).toString('base64url')
  return encoded.length <= LONGEST ? encoded : HASHED + createHash('sha256').update(id).digest('hex')
}

/** Null where the id was too long to be read back from its code: the record itself has it then. */
export function decodeId(stored: string): string | null {
  if (stored.startsWith(HASHED)) return null
  return stored.startsWith(ENCODED) ? Buffer.from(stored.slice(ENCODED.length), 'base64url').toString() : stored
}
