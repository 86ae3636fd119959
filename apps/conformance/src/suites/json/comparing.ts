import { jsonNull } from '@archon-db/core'
import type { SuiteBuilder } from '../../harness/index.ts'
import { define } from './documents.ts'

/** One value of every type under one key. */
const TYPED = {
  number: { v: 5 },
  float: { v: 5.5 },
  string: { v: '5' },
  word: { v: 'true' },
  true: { v: true },
  false: { v: false },
  one: { v: 1 },
  zero: { v: 0 },
  empty: { v: '' },
  null: { v: null },
  nullword: { v: 'null' },
  object: { v: { a: 5 } },
  array: { v: [5] },
  missing: { w: 5 },
  'json null': jsonNull,
  'sql null': undefined,
  scalar: 5,
  list: [5],
}

/** Where there is a value that is not null. */
const PRESENT = [
  'number',
  'float',
  'string',
  'word',
  'true',
  'false',
  'one',
  'zero',
  'empty',
  'nullword',
  'object',
  'array',
]
const without = (...names: string[]): string[] => PRESENT.filter((name) => !names.includes(name))

export function comparing(t: SuiteBuilder): void {
  typed(t)
  ordering(t)
  text(t)
  wholeDocuments(t)
}

function typed(t: SuiteBuilder): void {
  define(t, 'typed.equality', TYPED, [
    [{ 'data.v': 5 }, ['number']],
    [{ 'data.v': '5' }, ['string']],
    [{ 'data.v': 1 }, ['one']],
    [{ 'data.v': true }, ['true']],
    [{ 'data.v': 'true' }, ['word']],
    [{ 'data.v': false }, ['false']],
    [{ 'data.v': 0 }, ['zero']],
    [{ 'data.v': '' }, ['empty']],
    [{ 'data.v': 'null' }, ['nullword']],
    [{ 'data.v': '[5]' }, []],
    [{ 'data.v': '{"a":5}' }, []],
    [{ 'data.v': '{"a": 5}' }, []],
  ])
  define(t, 'typed.inequality', TYPED, [
    [{ 'data.v': { ne: 5 } }, without('number')],
    [{ 'data.v': { ne: '5' } }, without('string')],
    [{ 'data.v': { ne: true } }, without('true')],
    [{ not: { 'data.v': 5 } }, without('number')],
    [{ not: { 'data.v': { ne: 'true' } } }, ['word']],
  ])
  define(t, 'typed.lists', TYPED, [
    [{ 'data.v': { in: [5, '5'] } }, ['number', 'string']],
    [{ 'data.v': { in: [1, true, 'true', 0] } }, ['one', 'true', 'word', 'zero']],
    [{ 'data.v': { in: ['5', 5.5, false] } }, ['string', 'float', 'false']],
    [{ 'data.v': { notIn: [5, '5', true] } }, without('number', 'string', 'true')],
    [{ 'data.v': { in: [] } }, []],
    [{ 'data.v': { in: [null] } }, []],
    [{ 'data.v': { notIn: [5, null] } }, []],
  ])
  define(t, 'typed.distinct-from', TYPED, [
    [{ 'data.v': { distinctFrom: 5 } }, Object.keys(TYPED).filter((name) => name !== 'number')],
    [{ 'data.v': { distinctFrom: null } }, PRESENT],
    [{ not: { 'data.v': { distinctFrom: '5' } } }, ['string']],
  ])
  const numbers = {
    int: { n: 1 },
    same: JSON.parse('{ "n": 1.0 }'),
    exp: JSON.parse('{ "n": 1e0 }'),
    hundred: JSON.parse('{ "n": 1E2 }'),
    tenth: { n: 0.1 },
    sum: { n: 0.1 + 0.2 },
    big: { n: 9007199254740991 },
    bigger: { n: 1e21 },
    minus: { n: -0 },
  } as const
  define(t, 'typed.numbers-by-value', numbers, [
    [{ 'data.n': 1 }, ['int', 'same', 'exp']],
    [{ 'data.n': 1n }, ['int', 'same', 'exp']],
    [{ 'data.n': 100 }, ['hundred']],
    [{ 'data.n': 0.1 }, ['tenth']],
    [{ 'data.n': 0.3 }, []],
    [{ 'data.n': 0.30000000000000004 }, ['sum']],
    [{ 'data.n': 9007199254740991 }, ['big']],
    [{ 'data.n': 1e21 }, ['bigger']],
    [{ 'data.n': 0 }, ['minus']],
    [{ 'data.n': -0 }, ['minus']],
    [{ 'data.n': { in: [1, 100] } }, ['int', 'same', 'exp', 'hundred']],
  ])
}

function ordering(t: SuiteBuilder): void {
  define(t, 'ordering.numbers-with-numbers', TYPED, [
    [{ 'data.v': { gt: 1 } }, ['number', 'float']],
    [{ 'data.v': { lte: 5 } }, ['number', 'one', 'zero']],
    [{ 'data.v': { between: [0, 5] } }, ['number', 'one', 'zero']],
    [{ not: { 'data.v': { gt: 1 } } }, ['one', 'zero']],
  ])
  define(t, 'ordering.strings-with-strings', TYPED, [
    [{ 'data.v': { gte: '5' } }, ['string', 'word', 'nullword']],
    [{ 'data.v': { lt: '5' } }, ['empty']],
    [{ 'data.v': { gt: '' } }, ['string', 'word', 'nullword']],
  ])
  define(t, 'ordering.booleans-with-booleans', TYPED, [
    [{ 'data.v': { gt: false } }, ['true']],
    [{ 'data.v': { lte: true } }, ['true', 'false']],
  ])
  define(t, 'ordering.numbers-not-as-text', { nine: { n: 9 }, ten: { n: 10 }, minus: { n: -10 }, half: { n: 9.5 } }, [
    [{ 'data.n': { gt: 9 } }, ['ten', 'half']],
    [{ 'data.n': { lt: 9 } }, ['minus']],
    [{ 'data.n': { gte: -10, lt: 9.5 } }, ['minus', 'nine']],
  ])
  define(
    t,
    'ordering.text-by-code-point',
    { upper: { s: 'Z' }, lower: { s: 'a' }, umlaut: { s: 'ä' }, last: { s: '\uffff' }, astral: { s: '😀' } },
    [
      [{ 'data.s': { gt: 'Z' } }, ['lower', 'umlaut', 'last', 'astral']],
      [{ 'data.s': { gt: '\uffff' } }, ['astral']],
      [{ 'data.s': { between: ['a', 'ä'] } }, ['lower', 'umlaut']],
      [{ 'data.s': { lt: 'a' } }, ['upper']],
    ],
  )
  define(
    t,
    'ordering.dates-are-text',
    { a: { at: '2024-01-01T00:00:00.000Z' }, b: { at: '2024-06-01T00:00:00.000Z' } },
    [
      [{ 'data.at': { gt: new Date('2024-03-01T00:00:00.000Z') } }, ['b']],
      [{ 'data.at': new Date('2024-01-01T00:00:00.000Z') }, ['a']],
    ],
  )
}

function text(t: SuiteBuilder): void {
  const words = {
    lower: { s: 'straße' },
    upper: { s: 'STRASSE' },
    capital: { s: 'STRAẞE' },
    wild: { s: '100%_a' },
    quoted: { s: '"q" \\ \'s' },
    space: { s: 'a ' },
    plain: { s: 'a' },
    lines: { s: 'a\nb' },
    number: { s: 100 },
    list: { s: ['straße'] },
    null: { s: null },
  }
  define(t, 'text.equality', words, [
    [{ 'data.s': 'straße' }, ['lower']],
    [{ 'data.s': 'Straße' }, []],
    [{ 'data.s': 'a' }, ['plain']],
    [{ 'data.s': 'a ' }, ['space']],
    [{ 'data.s': '"q" \\ \'s' }, ['quoted']],
    [{ 'data.s': { in: ['a', '100%_a', 'a\nb'] } }, ['plain', 'wild', 'lines']],
  ])
  define(t, 'text.like', words, [
    [{ 'data.s': { like: 'stra%' } }, ['lower']],
    [{ 'data.s': { like: '%\\%\\_a' } }, ['wild']],
    [{ 'data.s': { like: 'a_b' } }, ['lines']],
    [{ 'data.s': { like: '%"q"%' } }, ['quoted']],
    [{ 'data.s': { like: '%' } }, ['lower', 'upper', 'capital', 'wild', 'quoted', 'space', 'plain', 'lines']],
    [{ not: { 'data.s': { like: '%a%' } } }, ['upper', 'capital', 'quoted']],
  ])
  define(t, 'text.ilike', words, [
    [{ 'data.s': { ilike: 'STRASSE' } }, ['upper']],
    [{ 'data.s': { ilike: 'Straße' } }, ['lower', 'capital']],
    [{ 'data.s': { ilike: 'A' } }, ['plain']],
  ])
  define(t, 'text.substrings', words, [
    [{ 'data.s': { contains: '%' } }, ['wild']],
    [{ 'data.s': { contains: '\\' } }, ['quoted']],
    [{ 'data.s': { startsWith: 'STRA' } }, ['upper', 'capital']],
    [{ 'data.s': { endsWith: 'ße' } }, ['lower']],
    [{ 'data.s': { endsWith: ' ' } }, ['space']],
    [{ 'data.s': { contains: '0' } }, ['wild']],
  ])
}

/** A document that is a value by itself is compared like one inside. */
function wholeDocuments(t: SuiteBuilder): void {
  const documents = {
    five: 5,
    text: '5',
    true: true,
    object: { a: 5 },
    array: [5],
    'json null': jsonNull,
    'sql null': undefined,
  }
  define(t, 'whole.equality', documents, [
    [{ data: 5 }, ['five']],
    [{ data: '5' }, ['text']],
    [{ data: true }, ['true']],
    [{ data: { eq: 5 } }, ['five']],
    [{ data: { ne: 5 } }, ['text', 'true', 'object', 'array']],
    [{ data: { in: [5, '5'] } }, ['five', 'text']],
    [{ data: { gt: 4 } }, ['five']],
    [{ data: { startsWith: '5' } }, ['text']],
  ])
  define(t, 'whole.nulls', documents, [
    [{ data: null }, ['sql null']],
    [{ data: { ne: null } }, ['five', 'text', 'true', 'object', 'array', 'json null']],
    [{ data: { isNull: true } }, ['sql null']],
    [{ data: { distinctFrom: 5 } }, ['text', 'true', 'object', 'array', 'json null', 'sql null']],
  ])
}
