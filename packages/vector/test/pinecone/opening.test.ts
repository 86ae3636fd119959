import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { inspect } from 'node:util'
import { DbError } from '@archon-db/core'
import { expect, test } from 'vitest'
import { openPineconeStore, type PineconeStoreOptions } from '../../src/pinecone/index.ts'

const SECRET = 'a-key-that-nobody-may-see'

async function refusal(work: Promise<unknown>): Promise<DbError> {
  const error = await work.then(
    () => null,
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(DbError)
  // With all that hangs on it.
  expect(inspect(error, { depth: 20, showHidden: true })).not.toContain(SECRET)
  return error as DbError
}

async function serving<T>(status: number, body: string, use: (url: string) => Promise<T>): Promise<T> {
  const server = createServer((_, response) => response.writeHead(status, { 'retry-after': '0' }).end(body))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  try {
    return await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  } finally {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
}

/** Of the first request that a store makes. */
async function refusalAt(controllerUrl: string, options: Partial<PineconeStoreOptions> = {}): Promise<DbError> {
  const store = await openPineconeStore({ apiKey: SECRET, controllerUrl, ...options })
  return await refusal(store.listCollections())
}

test('a service that does not answer is a failed connection that says what to look at', async () => {
  const url = await serving(200, '', async (address) => address)
  for (const options of [{}, { index: 'docs' }, { host: url }]) {
    const error = await refusalAt(url, options)
    expect(error).toMatchObject({ code: 'connection_failed', retryable: true })
    expect(error.message).toContain('PINECONE_HOST')
  }
})

test.each([
  [401, 'Unauthorized', 'permission_denied', 'PINECONE_API_KEY'],
  [402, '{}', 'permission_denied', 'bill'],
  [
    403,
    '{"error":{"code":"QUOTA_EXCEEDED","message":"You have reached the max serverless indexes"}}',
    'unsupported',
    'quota',
  ],
  [400, '{"error":{"code":"INVALID_ARGUMENT","message":"no"}}', 'unknown', 'cause'],
  [429, '{}', 'too_many_connections', 'later'],
  [503, '{}', 'connection_failed', 'later'],
])('status %i with %s means %s', { timeout: 20_000 }, async (status, body, code, word) => {
  const error = await serving(status, body, (url) => refusalAt(url))
  expect(error.code).toBe(code)
  expect(error.message).toContain(word)
})

test.each([
  ['a key that no header carries', { apiKey: `${SECRET}\n` }],
  ['a key with a letter beyond ASCII', { apiKey: `${SECRET}ä` }],
  ['an empty key', { apiKey: '' }],
  ['no key', { apiKey: undefined as unknown as string }],
  ['a prefix that indexes cannot have', { apiKey: SECRET, prefix: 'Archon.' }],
  ['a prefix that is too long', { apiKey: SECRET, prefix: 'a'.repeat(25) }],
  ['a prefix that namespaces cannot have', { apiKey: SECRET, index: 'docs', prefix: 'ä' }],
  ['a time that is no number', { apiKey: SECRET, freshWithinMs: Number.NaN }],
])('%s is invalid input', async (_, options) => {
  expect(await refusal(openPineconeStore(options))).toMatchObject({ code: 'invalid_input' })
})

test('explain needs no service', async () => {
  const store = await openPineconeStore({ apiKey: SECRET })
  expect(store.explain({ kind: 'book', name: { like: 'a%' } })).toEqual({
    native: { kind: { $eq: 'book' } },
    pushed: ['kind eq'],
    here: ['name like'],
    rechecked: true,
  })
})
