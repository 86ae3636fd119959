import { describe, expect, test } from 'vitest'
import type { Client } from '../src/client.ts'
import { fullTextStarter } from '../src/fulltext.ts'

/** Answers each statement with the next error, or with nothing. */
function fakeClient(...errors: (object | null)[]): { client: Client; texts: string[] } {
  const texts: string[] = []
  const command = async (text: string): Promise<void> => {
    texts.push(text)
    const error = errors.shift()
    if (error) throw Object.assign(new Error('refused'), error)
  }
  return { client: { gone: false, command } as unknown as Client, texts }
}

describe('before the first savepoint of a transaction on MariaDB', () => {
  test('a row is put in and taken out again, once', async () => {
    const { client, texts } = fakeClient()
    const start = fullTextStarter(client)
    await start()
    await start()
    expect(texts).toHaveLength(1)
    expect(texts[0]).toMatch(/insert into archon_fulltext_start [\s\S]*delete from archon_fulltext_start where id = /)
  })

  test('each transaction begins anew', async () => {
    const { client, texts } = fakeClient()
    await fullTextStarter(client)()
    await fullTextStarter(client)()
    expect(texts).toHaveLength(2)
  })

  test.each([1146, 1792, 1290, 1836])('nothing can be written (%i): nothing needs to be done', async (errno) => {
    await expect(fullTextStarter(fakeClient({ errno }).client)()).resolves.toBeUndefined()
  })

  test.each([1142, 1205, 1213, 1969])('error %i is told', async (errno) => {
    await expect(fullTextStarter(fakeClient({ errno }).client)()).rejects.toMatchObject({ errno })
  })
})
