import { describe, expect, test } from 'vitest'
import { extendedQuery, readAnswer, simpleQuery } from '../src/messages.ts'

/** A message of the server: its letter, its length, its body. */
function said(type: string, ...parts: readonly (string | number[] | Buffer)[]): Buffer {
  const body = Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : Buffer.from(part))))
  const length = Buffer.alloc(4)
  length.writeInt32BE(body.length + 4)
  return Buffer.concat([Buffer.from(type), length, body])
}

const column = (name: string, oid: number): Buffer => {
  const rest = Buffer.alloc(18)
  rest.writeUInt32BE(oid, 6)
  return Buffer.concat([Buffer.from(`${name}\0`), rest])
}

const cell = (text: string | null): Buffer => {
  const bytes = Buffer.from(text ?? '')
  const length = Buffer.alloc(4)
  length.writeInt32BE(text === null ? -1 : bytes.length)
  return Buffer.concat([length, bytes])
}

describe('readAnswer', () => {
  test('reads rows by the types of their columns, byte order marks included', () => {
    const answer = readAnswer(
      Buffer.concat([
        said('T', [0, 4], column('a', 25), column('b', 23), column('c', 3802), column('d', 17)),
        said('D', [0, 4], cell('\ufeffx'), cell('7'), cell('{"k":1}'), cell('\\x00ff')),
        said('D', [0, 4], cell(null), cell(null), cell(null), cell(null)),
        said('C', 'SELECT 2\0'),
        said('Z', 'I'),
      ]),
    )
    expect(answer.rows).toEqual([
      ['\ufeffx', 7, { k: 1 }, Buffer.from([0, 255])],
      [null, null, null, null],
    ])
    expect([answer.command, answer.changes, answer.columns]).toEqual(['SELECT', 2, ['a', 'b', 'c', 'd']])
  })

  test.each([
    ['INSERT 0 5', 'INSERT', 5],
    ['UPDATE 0', 'UPDATE', 0],
    ['COMMIT', 'COMMIT', 0],
    ['CREATE TABLE', 'CREATE TABLE', 0],
  ])('takes %s apart', (tag, command, count) => {
    const answer = readAnswer(said('C', `${tag}\0`))
    expect([answer.command, answer.changes]).toEqual([command, count])
  })

  test('throws what the server reported, by names of its own', () => {
    const error = said('E', 'SERROR\0C23505\0Mduplicate key\0tt\0nt_key\0\0')
    expect(() => readAnswer(Buffer.concat([error, said('Z', 'I')]))).toThrow(
      expect.objectContaining({ code: '23505', message: 'duplicate key', table_name: 't', constraint_name: 't_key' }),
    )
  })

  test('of several statements the last one counts', () => {
    const answer = readAnswer(
      Buffer.concat([
        said('T', [0, 1], column('a', 23)),
        said('D', [0, 1], cell('1')),
        said('C', 'SELECT 1\0'),
        said('T', [0, 1], column('b', 23)),
        said('D', [0, 1], cell('2')),
        said('C', 'SELECT 1\0'),
      ]),
    )
    expect(answer.rows).toEqual([[2]])
  })
})

describe('requests', () => {
  test('carry every kind of value as text', () => {
    const request = Buffer.from(
      extendedQuery('select $1', [null, 5, true, new Date(0), { a: 1 }, ['x'], new Uint8Array([255])]),
    ).toString('latin1')
    for (const text of ['select $1', '1970-01-01T00:00:00.000Z', '{"a":1}', '{"x"}', '\\xff', 'true'])
      expect(request).toContain(text)
    expect(Buffer.from(simpleQuery('begin')).toString('latin1')).toBe('Q\0\0\0\nbegin\0')
  })
})
