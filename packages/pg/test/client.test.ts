import { describe, expect, test } from 'vitest'
import { toDbError } from '../src/errors.ts'
import { answered, BOUND, codeOf, open, PARSED, signal, statement } from './client-bench.ts'
import { columns, done, failure, ready, row, said, served } from './fake-server.ts'

describe('a connection', () => {
  test('says who it is and what it wants set', async () => {
    const hello = await served(
      async (peer) => {
        expect(await peer.welcome()).toBe(
          '\0\x03\0\0user\0somebody\0database\0somebody\0client_encoding\0UTF8\0TimeZone\0UTC\0\0',
        )
        await peer.request('Q')
        peer.say(done('BEGIN'), ready('T'))
      },
      async (address) => {
        const client = open(address, { settings: { TimeZone: 'UTC' } })
        const { command } = await client.command('begin')
        expect([client.backend, client.proven, client.pending, client.gone]).toEqual([4711, true, 0, false])
        client.destroy()
        return command
      },
    )
    expect(hello).toBe('BEGIN')
  })

  test('takes answers that come byte by byte', async () => {
    await served(
      async (peer) => {
        await peer.welcome()
        await peer.request()
        for (const byte of Buffer.concat([...answered(row('1'), row('2'))])) {
          peer.say(Buffer.from([byte]))
          await new Promise(setImmediate)
        }
      },
      async (address) => {
        const client = open(address)
        const { rows, columns: names } = await client.send(statement('select $1', ['x']))
        expect([rows, names]).toEqual([[[1], [2]], ['n']])
        client.destroy()
      },
    )
  })

  test('takes a value that is larger than what is read at once, and what follows it', async () => {
    const long = 'é'.repeat(500_000)
    await served(
      async (peer) => {
        await peer.welcome()
        await peer.request()
        peer.say(PARSED, BOUND, columns(['a', 25], ['b', 23]), row(long, '7'), row('', '8'), done('SELECT 2'), ready())
      },
      async (address) => {
        const client = open(address, { prepare: false })
        const { rows } = await client.send(statement('select $1', [long]))
        expect(rows).toEqual([
          [long, 7],
          ['', 8],
        ])
        client.destroy()
      },
    )
  })

  test('ends by saying so, when all is answered', async () => {
    await served(
      async (peer) => {
        await peer.welcome()
        await peer.request('Q')
        peer.say(done('SET'), ready())
        expect(await peer.request('X')).toEqual(['X'])
        peer.hangUp()
      },
      async (address) => {
        const client = open(address)
        const working = client.command('set a = 1')
        await client.end()
        expect(client.gone).toBe(true)
        expect((await working).command).toBe('SET')
        expect(await codeOf(client.command('select 1'))).toBe('connection_lost')
      },
    )
  })

  test('cancels over another connection', async () => {
    const [asked, ask] = signal()
    let connections = 0
    await served(
      async (peer) => {
        if (++connections === 2) {
          expect(await peer.hello()).toBe('\x04\xd2\x16\x2e\0\0\x12\x67\0\0\0\x63')
          ask()
          return
        }
        await peer.welcome()
        await peer.request('Q')
        peer.say(done('SET'), ready())
        await asked
        await peer.request('Q')
        peer.say(failure('57014'), ready())
      },
      async (address) => {
        const client = open(address)
        client.cancel()
        await client.command('set a = 1')
        const working = codeOf(client.command('select pg_sleep(9)'))
        client.cancel()
        expect(await working).toBe('query_timeout')
        client.destroy()
      },
    )
  })
})

describe('a connection that breaks', () => {
  test('before the first word has never come about', async () => {
    await served(
      async (peer) => {
        await peer.hello()
        peer.hangUp()
      },
      async (address) => {
        const client = open(address)
        expect(await codeOf(client.command('select 1'))).toBe('connection_failed')
        expect(client.gone).toBe(true)
      },
    )
  })

  test('fails with what the server said about it', async () => {
    await served(
      async (peer) => {
        await peer.hello()
        peer.say(failure('53300', { V: 'FATAL' }))
      },
      async (address) => expect(await codeOf(open(address).command('select 1'))).toBe('too_many_connections'),
    )
  })

  test('fails all that is on its way, and tells once that it is gone', async () => {
    await served(
      async (peer) => {
        await peer.welcome()
        await peer.request('Q')
        peer.say(said('E', 'VFATAL\0C57P01\0Mshutting down\0\0'))
      },
      async (address) => {
        const client = open(address)
        let times = 0
        client.onGone = () => {
          times++
        }
        const sent = [client.command('select 1'), client.command('select 2')]
        expect(await Promise.all(sent.map(codeOf))).toEqual(['connection_lost', 'connection_lost'])
        expect(await codeOf(client.command('select 3'))).toBe('connection_lost')
        expect([times, client.pending]).toEqual([1, 0])
      },
    )
  })

  test('is noticed while nothing is asked', async () => {
    await served(
      async (peer) => {
        await peer.welcome()
        await peer.request('Q')
        peer.say(done('SET'), ready(), failure('57P01', { V: 'FATAL' }))
      },
      async (address) => {
        const client = open(address)
        const [gone, tell] = signal()
        client.onGone = tell
        await client.command('set a = 1')
        await gone
        expect(client.gone).toBe(true)
      },
    )
  })

  test('never opens with a name that would be taken for more', async () => {
    await served(
      async () => {},
      async (address) => {
        const client = open({ ...address, user: 'somebody\0options\0-c a=b' })
        expect(await codeOf(client.command('select 1'))).toBe('invalid_input')
      },
    )
  })

  test('is given up when the server says nothing in time', async () => {
    await served(
      async (peer) => {
        await peer.hello()
      },
      async (address) => {
        const error = await open(address, { connectTimeoutMs: 20 }).command('select 1').catch(toDbError)
        expect(error).toMatchObject({ code: 'connection_failed', cause: { code: 'CONNECT_TIMEOUT' } })
      },
    )
  })

  test('is not used again when the server is short of something', async () => {
    await served(
      async (peer) => {
        await peer.welcome()
        await peer.request('Q')
        peer.say(failure('53200'), ready())
      },
      async (address) => {
        const client = open(address)
        expect(await codeOf(client.command('select 1'))).toBe('connection_lost')
        expect(client.gone).toBe(true)
      },
    )
  })
})
