import { describe, expect, test } from 'vitest'
import { A_NUMBER, answered, BOUND, codeOf, letters, PARSED, signal, statement, talk } from './client-bench.ts'
import { done, failure, ready, row, said } from './fake-server.ts'

describe('in portions', () => {
  const portion = [row('1'), row('2'), said('s')]

  test('are fetched when they are wanted', async () => {
    await talk(
      async (peer) => {
        const request = await peer.request('H')
        expect(letters(request)).toBe('PBDEH')
        expect(request[3]).toBe('E\0\0\0\0\x02')
        peer.say(PARSED, BOUND, A_NUMBER, ...portion)
        expect(letters(await peer.request('H'))).toBe('EH')
        peer.say(row('3'), done('SELECT 1'))
        expect(await peer.request()).toEqual(['S'])
        peer.say(ready())
      },
      async (client) => {
        const batches: unknown[] = []
        for await (const batch of client.cursor(statement('select $1', ['x']), 2)) batches.push(batch)
        expect(batches).toEqual([[[1], [2]], [[3]]])
        expect([client.pending, client.gone]).toEqual([0, false])
      },
    )
  })

  test('end when nobody reads on', async () => {
    await talk(
      async (peer) => {
        await peer.request('H')
        peer.say(PARSED, BOUND, A_NUMBER, ...portion)
        expect(await peer.request()).toEqual(['S'])
        peer.say(ready())
      },
      async (client) => {
        for await (const batch of client.cursor(statement('select $1', ['x']), 2)) {
          expect(batch).toEqual([[1], [2]])
          break
        }
        expect(client.pending).toBe(0)
      },
    )
  })

  test('fail in the middle, and the connection goes on', async () => {
    await talk(
      async (peer) => {
        await peer.request('H')
        peer.say(PARSED, BOUND, A_NUMBER, ...portion)
        await peer.request('H')
        peer.say(failure('22012'))
        expect(await peer.request()).toEqual(['S'])
        peer.say(ready())
        await peer.request()
        peer.say(...answered(row('1')))
      },
      async (client) => {
        const rows = client.cursor(statement('select $1', ['x']), 2)
        expect(await rows.next()).toEqual({ done: false, value: [[1], [2]] })
        expect(await codeOf(rows.next())).toBe('invalid_input')
        expect((await client.send(statement('select $1', ['a']))).rows).toEqual([[1]])
      },
    )
  })

  test('fail when the connection is lost between two', async () => {
    await talk(
      async (peer) => {
        await peer.request('H')
        peer.say(PARSED, BOUND, A_NUMBER, ...portion)
        peer.hangUp()
      },
      async (client) => {
        const [gone, tell] = signal()
        client.onGone = tell
        const rows = client.cursor(statement('select $1', ['x']), 2)
        expect(await rows.next()).toEqual({ done: false, value: [[1], [2]] })
        await gone
        expect(await codeOf(rows.next())).toBe('connection_lost')
      },
    )
  })
})
