import { describe, expect, test } from 'vitest'
import { A_NUMBER, answered, BOUND, codeOf, letters, PARSED, statement, talk } from './client-bench.ts'
import { columns, done, failure, ready, row, said, types } from './fake-server.ts'

const HOLDS_NO_MORE = { R: 'RevalidateCachedQuery' }

/** The answer to a statement that is known. */
const again = (...rows: readonly Buffer[]): readonly Buffer[] => [
  BOUND,
  ...rows,
  done(`SELECT ${rows.length}`),
  ready(),
]

const nameOf = (bind: string | undefined): string | undefined => bind?.split('\0')[1]

describe('statements', () => {
  test('are parsed once, under names of their own', async () => {
    await talk(
      async (peer) => {
        const first = await peer.request()
        peer.say(...answered(row('1')))
        const second = await peer.request()
        peer.say(...again(row('2')))
        const other = await peer.request()
        peer.say(...answered())
        expect([letters(first), letters(second), letters(other)]).toEqual(['PDBES', 'BES', 'PDBES'])
        expect(nameOf(second[0])).toBe(nameOf(first[2]))
        expect(nameOf(other[2])).not.toBe(nameOf(first[2]))
        expect(first[2]).toContain('\0\x01\0\0\0\x01a\0\0')
      },
      async (client) => {
        expect((await client.send(statement('select $1', ['a']))).rows).toEqual([[1]])
        const { rows, columns: names, changes } = await client.send(statement('select $1', ['b']))
        expect([rows, names, changes]).toEqual([[[2]], ['n'], 1])
        expect((await client.send(statement('select 1 + $1', ['a']))).rows).toEqual([])
      },
    )
  })

  test('of which one fails while others follow are told apart', async () => {
    await talk(
      async (peer) => {
        const first = await peer.request()
        const second = await peer.request()
        const third = await peer.request()
        expect([first, second, third].map(letters)).toEqual(['PDBES', 'BES', 'BES'])
        peer.say(PARSED, types(25), A_NUMBER, failure('22012'), ready(), ...again(row('2')), ...again(row('3')))
      },
      async (client) => {
        const sent = ['a', 'b', 'c'].map((value) => client.send(statement('select $1', [value])))
        const [first, ...rest] = await Promise.allSettled(sent)
        expect(first).toMatchObject({ status: 'rejected', reason: { code: '22012', message: 'words' } })
        expect(rest).toMatchObject([{ value: { rows: [[2]] } }, { value: { rows: [[3]] } }])
        expect([client.pending, client.gone]).toEqual([0, false])
      },
    )
  })

  test('that do not hold any more are parsed again', async () => {
    await talk(
      async (peer) => {
        await peer.request()
        peer.say(...answered(row('1')))
        const second = await peer.request()
        peer.say(failure('0A000', HOLDS_NO_MORE), ready())
        const third = await peer.request()
        expect(letters(third)).toBe('CPDBES')
        expect(third[0]).toBe(`CS${nameOf(second[0])}\0`)
        peer.say(said('3'), PARSED, types(25), columns(['n', 25]), BOUND, row('2'), done('SELECT 1'), ready())
      },
      async (client) => {
        await client.send(statement('select $1', ['a']))
        expect((await client.send(statement('select $1', ['b']))).rows).toEqual([['2']])
      },
    )
  })

  test('that do not hold any more fail in a transaction, which is over with that', async () => {
    await talk(
      async (peer) => {
        await peer.request()
        peer.say(...answered(row('1')))
        await peer.request()
        peer.say(failure('0A000', HOLDS_NO_MORE), ready('E'))
        expect(letters(await peer.request())).toBe('CPDBES')
        peer.say(said('3'), ...answered(row('3')))
      },
      async (client) => {
        await client.send(statement('select $1', ['a']))
        expect(await codeOf(client.send(statement('select $1', ['b'])))).toBe('unsupported')
        expect((await client.send(statement('select $1', ['c']))).rows).toEqual([[3]])
      },
    )
  })

  test('that could not be parsed are not taken for kept', async () => {
    await talk(
      async (peer) => {
        await peer.request()
        peer.say(failure('42601'), ready())
        expect(letters(await peer.request())).toBe('CPDBES')
        peer.say(said('3'), ...answered(row('1')))
      },
      async (client) => {
        expect(await codeOf(client.send(statement('select $1', ['a'])))).toBe('invalid_input')
        expect((await client.send(statement('select $1', ['a']))).rows).toEqual([[1]])
      },
    )
  })

  test('with arrays and objects ask for the types first', async () => {
    await talk(
      async (peer) => {
        expect(letters(await peer.request())).toBe('PDS')
        peer.say(PARSED, types(1009, 3802), A_NUMBER, ready())
        const request = await peer.request()
        expect(letters(request)).toBe('PDBES')
        expect(request[2]).toContain('{"a","\\"b"}')
        expect(request[2]).toContain('["c"]')
        peer.say(...[PARSED, types(1009, 3802), A_NUMBER, BOUND, done('SELECT 0'), ready()])
        expect(letters(await peer.request())).toBe('BES')
        peer.say(...again())
      },
      async (client) => {
        await client.send(statement('select $1, $2', [['a', '"b'], ['c']]))
        await client.send(statement('select $1, $2', [['a'], { d: 1 }]))
      },
    )
  })

  test('say the types that their values have by themselves, and are kept by them', async () => {
    await talk(
      async (peer) => {
        const first = await peer.request()
        expect(first[0]).toContain('select $1\0\0\x01\0\0\x04\xa0')
        peer.say(...answered())
        expect(letters(await peer.request())).toBe('PDBES')
        peer.say(...answered())
      },
      async (client) => {
        await client.send(statement('select $1', [new Date(0)]))
        await client.send(statement('select $1', ['1970-01-01']))
      },
    )
  })

  test.each([
    ['undefined', [undefined], 'invalid_input'],
    ['too many values', new Array(65_534).fill(1), 'invalid_input'],
    ['a time that is none', [new Date(Number.NaN)], 'unknown'],
  ])('with %s are not sent, and the connection goes on', async (_, params, code) => {
    await talk(
      async (peer) => {
        await peer.request()
        peer.say(...answered(row('1')))
      },
      async (client) => {
        expect(await codeOf(client.send(statement('select $1', params)))).toBe(code)
        expect(client.pending).toBe(0)
        expect((await client.send(statement('select $1', ['a']))).rows).toEqual([[1]])
      },
    )
  })

  test('with a value that cannot be read fail alone', async () => {
    await talk(
      async (peer) => {
        await peer.request()
        peer.say(PARSED, types(25), columns(['v', 1021]), BOUND, row('{NaN}'), row('{1}'), done('SELECT 2'), ready())
        await peer.request()
        peer.say(BOUND, row('{1}'), done('SELECT 1'), ready())
      },
      async (client) => {
        expect(await codeOf(client.send(statement('select $1', ['a'])))).toBe('unknown')
        expect((await client.send(statement('select $1', ['a']))).rows).toEqual([[Float32Array.of(1)]])
      },
    )
  })

  test('beyond a thousand are not kept', async () => {
    await talk(
      async (peer) => {
        for (let i = 0; i < 1001; i++) {
          const request = await peer.request()
          const isKept = i < 1000
          expect(nameOf(request.find((message) => message.startsWith('B'))) !== '').toBe(isKept)
          peer.say(...(isKept ? answered() : [PARSED, BOUND, A_NUMBER, done('SELECT 0'), ready()]))
        }
      },
      async (client) => {
        for (let i = 0; i < 1001; i++) await client.send(statement(`select ${i} + $1`, ['1']))
      },
    )
  })

  test('whose text holds a zero byte are not sent', async () => {
    await talk(
      async () => {},
      async (client) => {
        expect(await codeOf(client.send(statement('select $1\0', ['a'])))).toBe('invalid_input')
        expect(await codeOf(client.command('select 1\0'))).toBe('invalid_input')
        expect(client.pending).toBe(0)
      },
    )
  })

  test('of one text are answered by the last', async () => {
    await talk(
      async (peer) => {
        expect(await peer.request('Q')).toEqual(['Qselect 1; select 2\0'])
        peer.say(A_NUMBER, row('1'), done('SELECT 1'), columns(['m', 25]), row('2'), done('SELECT 1'), ready())
      },
      async (client) => {
        const { rows, columns: names } = await client.send(statement('select 1; select 2', [], { prepare: false }))
        expect([rows, names]).toEqual([[['2']], ['m']])
      },
    )
  })

  test('cannot be COPY', async () => {
    await talk(
      async (peer) => {
        await peer.request('Q')
        peer.say(said('G', [0, 0, 0]))
      },
      async (client) => {
        expect(await codeOf(client.command('copy t from stdin'))).toBe('unsupported')
        expect(client.gone).toBe(true)
      },
    )
  })
})
