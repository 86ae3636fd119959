import { jsonNull } from '@archon-db/core'
import { rejects, type SuiteBuilder } from '../../harness/index.ts'
import { define, TABLE } from './documents.ts'

/** Keys that mean something in one engine's paths or another's; here they are names. */
const KEYS: Readonly<Record<string, readonly [key: string, written: string]>> = {
  dot: ['a.b', '."a.b"'],
  brackets: ['a[0]', '."a[0]"'],
  'brackets-alone': ['[0]', '."[0]"'],
  dollar: ['$', '.$'],
  'dollar-name': ['$eq', '.$eq'],
  'dollar-path': ['$.a', '."$.a"'],
  star: ['*', '.*'],
  'two-stars': ['**', '."**"'],
  'at-sign': ['@', '.@'],
  hash: ['#', '.#'],
  'hash-minus-one': ['#-1', '.#-1'],
  quote: ['q"q', '."q\\"q"'],
  apostrophe: ["it's", ".it's"],
  'two-apostrophes': ["''", ".''"],
  backslash: ['a\\b', '."a\\\\b"'],
  'backslash-at-the-end': ['a\\', '."a\\\\"'],
  blank: ['a b', '.a b'],
  'blank-alone': [' ', '." "'],
  empty: ['', '.""'],
  digit: ['0', '.0'],
  'digits-with-zero': ['007', '.007'],
  minus: ['-1', '.-1'],
  hyphen: ['a-b', '.a-b'],
  'line-break': ['a\nb', '."a\nb"'],
  tab: ['a\tb', '.a\tb'],
  cyrillic: ['ключ', '.ключ'],
  accent: ['é', '.é'],
  'accent-apart': ['e\u0301', '.e\u0301'],
  astral: ['😀', '.😀'],
  control: ['\u0001', '.\u0001'],
  braces: ['{a,b}', '.{a,b}'],
  comma: ['a,b', '.a,b'],
  colon: ['a:b', '.a:b'],
  question: ['a?b', '.a?b'],
  percent: ['%', '.%'],
  parenthesis: ['a)', '.a)'],
  semicolon: ['; drop', '.; drop'],
  'escaped-code': ['\\u0041', '."\\\\u0041"'],
  word: ['last', '.last'],
  'word-to': ['to', '.to'],
  proto: ['__proto__', '.__proto__'],
  'constructor-key': ['constructor', '.constructor'],
}

export function paths(t: SuiteBuilder): void {
  keys(t)
  steps(t)
  existence(t)
  malformed(t)
}

const entry = (key: string, value: unknown): unknown =>
  JSON.parse(`{ ${JSON.stringify(key)}: ${JSON.stringify(value)} }`)

function keys(t: SuiteBuilder): void {
  for (const [name, [key, written]] of Object.entries(KEYS)) {
    const documents = {
      hit: entry(key, 'v'),
      other: entry(key, 'w'),
      inner: { x: entry(key, 'v') },
      ordinary: { a: 'v', b: ['v'], A: 'v' },
      list: ['v'],
    }
    define(t, `key.${name}`, documents, [
      [{ [`data${written}`]: 'v' }, ['hit']],
      [{ [`data.x${written}`]: 'v' }, ['inner']],
      [{ [`data${written}`]: { exists: true } }, ['hit', 'other']],
      [{ [`data${written}`]: { ne: 'v' } }, ['other']],
      [{ data: { jsonContains: entry(key, 'v') } }, ['hit']],
    ])
  }
}

function steps(t: SuiteBuilder): void {
  const documents = {
    deep: { a: { b: [{ c: 1 }, { c: 2 }] } },
    list: [[1, 2], [3]],
    keys: { '0': 'zero', a: { '1': 'one' } },
    text: 'abc',
    'sql null': undefined,
  }
  define(t, 'path.steps', documents, [
    [{ 'data.a.b[0].c': 1 }, ['deep']],
    [{ 'data.a.b[1].c': 2 }, ['deep']],
    [{ 'data.a.b[2].c': 2 }, []],
    [{ 'data[0][1]': 2 }, ['list']],
    [{ 'data[1][0]': 3 }, ['list']],
    [{ 'data.a."b"[0]."c"': 1 }, ['deep']],
    [{ 'data."a".b[0].c': 1 }, ['deep']],
  ])
  define(t, 'path.index-is-no-key', documents, [
    [{ 'data[0]': { exists: true } }, ['list']],
    [{ 'data.0': { exists: true } }, ['keys']],
    [{ 'data.0': 'zero' }, ['keys']],
    [{ 'data.a[1]': { exists: true } }, []],
    [{ 'data.a.1': 'one' }, ['keys']],
    [{ 'data.a.b.0': { exists: true } }, []],
  ])
  define(t, 'path.into-what-has-no-inside', documents, [
    [{ 'data.a.b.c': { exists: true } }, []],
    [{ 'data[0].a': { exists: true } }, []],
    [{ 'data.length': { exists: true } }, []],
    [{ 'data.a.b[0].c.d': { exists: true } }, []],
    [{ 'data.a.b[0].c[0]': { exists: true } }, []],
    [{ 'data[0][0][0]': { exists: true } }, []],
    [{ 'data.nope.nope': null }, ['deep', 'list', 'keys', 'text', 'sql null']],
  ])
  define(t, 'path.first-of-no-list', { scalar: { v: 5 }, list: { v: [5] }, object: { v: { '0': 5 } } }, [
    [{ 'data.v[0]': 5 }, ['list']],
    [{ 'data.v[0]': { exists: true } }, ['list']],
    [{ 'data.v.0': 5 }, ['object']],
    [{ 'data[0]': { exists: true } }, []],
  ])
}

function existence(t: SuiteBuilder): void {
  const documents = {
    value: { k: 1 },
    false: { k: false },
    empty: { k: '' },
    null: { k: null },
    missing: { other: 1 },
    list: ['k'],
    'json null': jsonNull,
    'sql null': undefined,
  }
  define(t, 'exists.null-is-not-missing', documents, [
    [{ 'data.k': { exists: true } }, ['value', 'false', 'empty', 'null']],
    [{ 'data.k': { exists: false } }, ['missing', 'list', 'json null', 'sql null']],
    [{ not: { 'data.k': { exists: true } } }, ['missing', 'list', 'json null', 'sql null']],
    [{ data: { exists: true } }, ['value', 'false', 'empty', 'null', 'missing', 'list', 'json null']],
    [{ data: { exists: false } }, ['sql null']],
  ])
  define(t, 'exists.is-null-holds-for-both', documents, [
    [{ 'data.k': null }, ['null', 'missing', 'list', 'json null', 'sql null']],
    [{ 'data.k': { isNull: true } }, ['null', 'missing', 'list', 'json null', 'sql null']],
    [{ 'data.k': { isNull: false } }, ['value', 'false', 'empty']],
    [{ 'data.k': { isNull: true, exists: true } }, ['null']],
    [{ 'data.k': { ne: null } }, ['value', 'false', 'empty']],
  ])
}

function malformed(t: SuiteBuilder): void {
  t.behaviour('path.malformed', async ({ db }) => {
    const bad = [
      'data.',
      'data..a',
      'data.a.',
      'data[',
      'data[]',
      'data[x]',
      'data[-1]',
      'data[1.5]',
      'data[1',
      'data.a]',
      'data."a',
      'data.a"b"',
      'data[0]a',
      'data.a\0',
      'data."\ud800"',
      'data[*]',
      'data[1 to 2]',
      'data.a[last]',
    ]
    for (const path of bad) await rejects(db.select(TABLE, { where: { [path]: 1 } as never }), 'invalid_filter')
    for (const path of bad) await rejects(db.select(TABLE, { columns: [path] }), 'invalid_filter')
  })
}
