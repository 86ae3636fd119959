import { registerHooks } from 'node:module'
import { afterAll, beforeAll, expect, test } from 'vitest'

/** A file of its own: a client that was loaded once stays loaded. */
let hooks: ReturnType<typeof registerHooks>

beforeAll(() => {
  hooks = registerHooks({
    resolve(specifier, context, next) {
      if (specifier === 'weaviate-client') throw new Error('not installed')
      return next(specifier, context)
    },
  })
})

afterAll(() => hooks.deregister())

test('without its client the store says what to install; the module loads without it', async () => {
  const { openWeaviateStore } = await import('../../src/weaviate/index.ts')
  await expect(openWeaviateStore({ url: 'http://localhost:8080' })).rejects.toMatchObject({
    code: 'unsupported',
    message: expect.stringContaining('npm install weaviate-client protobufjs@7'),
  })
})
