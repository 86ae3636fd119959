import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { DbError } from '@archon-db/core'
import { expect, test } from 'vitest'
import { openWeaviateStore, type WeaviateStoreOptions } from '../../src/weaviate/index.ts'

const SECRET = 'a-key-that-nobody-may-see'

async function refusal(options: WeaviateStoreOptions): Promise<DbError> {
  const error = await openWeaviateStore(options).catch((reason: unknown) => reason)
  expect(error).toBeInstanceOf(DbError)
  expect(describe(error)).not.toContain(SECRET)
  return error as DbError
}

/** With everything that logs would show. */
function describe(error: unknown): string {
  return error instanceof Error ? `${error.message} ${error.stack} ${describe(error.cause)}` : String(error)
}

async function serving<T>(status: number, body: string, use: (url: string) => Promise<T>): Promise<T> {
  const server = createServer((_, response) => response.writeHead(status).end(body))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  try {
    return await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  } finally {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
}

test('a server that does not answer is a failed connection that says what to look at', async () => {
  const url = await serving(200, '', async (address) => address)
  const error = await refusal({ url, apiKey: SECRET })
  expect(error).toMatchObject({ code: 'connection_failed', retryable: true })
  expect(error.message).toContain('WEAVIATE_URL')
})

test.each([
  ['a page', 200, '<html>'],
  ['another path', 404, '{}'],
  ['another service', 200, '{"ok":true}'],
])('%s is not Weaviate', async (_, status, body) => {
  const error = await serving(status, body, (url) => refusal({ url }))
  expect(error).toMatchObject({ code: 'connection_failed' })
  expect(error.message).toContain('not Weaviate')
})

test.each([
  [401, 'permission_denied', 'WEAVIATE_API_KEY'],
  [403, 'permission_denied', 'WEAVIATE_API_KEY'],
  [429, 'too_many_connections', 'later'],
  [503, 'connection_failed', 'WEAVIATE_URL'],
])('status %i means %s', async (status, code, word) => {
  const error = await serving(status, '{}', (url) => refusal({ url, apiKey: SECRET }))
  expect(error.code).toBe(code)
  expect(error.message).toContain(word)
})

test('a server that is too old is told by its version', async () => {
  const error = await serving(200, '{"version":"1.28.4"}', (url) => refusal({ url }))
  expect(error).toMatchObject({ code: 'unsupported' })
  expect(error.message).toContain('1.29.0')
  expect(error.message).toContain('1.28.4')
})

test.each([
  ['no address', { url: 'localhost' }],
  ['another protocol', { url: 'ftp://localhost' }],
  ['no address for gRPC', { url: 'http://localhost:8080', grpcUrl: ':50051' }],
  ['a key that no header carries', { url: 'http://localhost:8080', apiKey: `${SECRET}\n` }],
  ['an empty key', { url: 'http://localhost:8080', apiKey: '' }],
  ['a prefix that is no name', { url: 'http://localhost:8080', prefix: 'archon.' }],
])('%s is invalid input', async (_, options) => {
  expect(await refusal(options)).toMatchObject({ code: 'invalid_input' })
})
