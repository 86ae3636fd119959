import { jsonNull } from '@archon-db/core'
import type { SuiteBuilder } from '../../harness/index.ts'
import { define } from './documents.ts'

const contains = (jsonContains: unknown) => ({ data: { jsonContains } })

/** What PostgreSQL's `@>` says. */
export function containing(t: SuiteBuilder): void {
  objects(t)
  arrays(t)
  scalars(t)
  nulls(t)
  places(t)
}

function objects(t: SuiteBuilder): void {
  const documents = {
    ab: { a: 1, b: 2 },
    a: { a: 1 },
    nested: { a: { b: { c: 1, d: 2 }, e: [] } },
    text: { a: '1' },
    empty: {},
    array: [],
    list: [{ a: 1, b: 2 }],
    'sql null': undefined,
  }
  define(t, 'contains.objects', documents, [
    [contains({ a: 1 }), ['ab', 'a']],
    [contains({ a: 1, b: 2 }), ['ab']],
    [contains({ a: 1, b: 3 }), []],
    [contains({ a: '1' }), ['text']],
    [contains({ A: 1 }), []],
  ])
  define(t, 'contains.nested-objects', documents, [
    [contains({ a: { b: { c: 1 } } }), ['nested']],
    [contains({ a: { b: {} } }), ['nested']],
    [contains({ a: {} }), ['nested']],
    [contains({ a: { c: 1 } }), []],
    [contains({ b: { c: 1 } }), []],
    [contains({ a: { b: { c: 1, d: 2 }, e: [] } }), ['nested']],
    [contains({ a: { e: {} } }), []],
  ])
  define(t, 'contains.empty-object', documents, [[contains({}), ['ab', 'a', 'nested', 'text', 'empty']]])
  define(t, 'contains.short-form', documents, [
    [{ data: { a: 1 } }, ['ab', 'a']],
    [{ data: { a: { b: { d: 2 } } } }, ['nested']],
  ])
  define(t, 'contains.negated', documents, [
    [{ not: contains({ a: 1 }) }, ['nested', 'text', 'empty', 'array', 'list']],
    [{ not: contains({}) }, ['array', 'list']],
  ])
}

function arrays(t: SuiteBuilder): void {
  const documents = {
    '123': [1, 2, 3],
    '321': [3, 2, 1],
    '1': [1],
    nested: [1, [2, 3]],
    deep: [[1, 2], [[3]]],
    objects: [{ a: 1, b: 2 }, { a: 3 }],
    mixed: [1, '1', true, null, {}],
    empty: [],
    object: { a: [1, 2] },
    scalar: 1,
  }
  define(t, 'contains.arrays-in-any-order', documents, [
    [contains([1, 2]), ['123', '321']],
    [contains([2, 1]), ['123', '321']],
    [contains([1]), ['123', '321', '1', 'nested', 'mixed']],
    [contains([4]), []],
    [contains(['1']), ['mixed']],
    [contains([true]), ['mixed']],
  ])
  define(t, 'contains.duplicates-count-once', documents, [
    [contains([1, 1]), ['123', '321', '1', 'nested', 'mixed']],
    [contains([1, 1, 1, 2, 2]), ['123', '321']],
  ])
  define(t, 'contains.nested-arrays', documents, [
    [contains([[2]]), ['nested', 'deep']],
    [contains([[3, 2]]), ['nested']],
    [contains([[1, 2]]), ['deep']],
    [contains([2]), ['123', '321']],
    [contains([[[3]]]), ['deep']],
    [contains([[3]]), ['nested']],
  ])
  define(t, 'contains.objects-in-arrays', documents, [
    [contains([{ a: 1 }]), ['objects']],
    [contains([{ a: 1, b: 2 }]), ['objects']],
    // One element must hold both.
    [contains([{ a: 3, b: 2 }]), []],
    [contains([{ a: 1 }, { a: 3 }]), ['objects']],
    [contains([{}]), ['objects', 'mixed']],
    [contains({ a: 1 }), []],
  ])
  define(t, 'contains.empty-array', documents, [
    [contains([]), ['123', '321', '1', 'nested', 'deep', 'objects', 'mixed', 'empty']],
    [contains([[]]), ['nested', 'deep']],
    [contains({ a: [] }), ['object']],
    [contains({ a: [2] }), ['object']],
    [contains({ a: [2, 1, 2] }), ['object']],
    [contains({ a: [3] }), []],
  ])
}

function scalars(t: SuiteBuilder): void {
  const documents = {
    five: 5,
    text: '5',
    true: true,
    list: [5, 'a', true],
    texts: ['5'],
    nested: [[5]],
    object: { a: 5 },
    inner: { a: [5] },
  }
  define(t, 'contains.scalars', documents, [
    [contains(5.0), ['five', 'list']],
    [contains('5'), ['text', 'texts']],
    [contains(true), ['true', 'list']],
    [contains('a'), ['list']],
    [contains(6), []],
  ])
  define(t, 'contains.lone-scalar-in-the-top-array-only', documents, [
    [contains({ a: 5 }), ['object']],
    [contains([5]), ['list']],
    [contains([[5]]), ['nested']],
    [contains({ a: [5] }), ['inner']],
  ])
  const numbers = {
    one: { n: 1 },
    half: { n: 1.5 },
    big: { n: 9007199254740991 },
    exp: JSON.parse('{ "n": 1e2 }'),
    text: { n: '1' },
    true: { n: true },
  }
  define(t, 'contains.numbers-by-value', numbers, [
    [contains({ n: 1.0 }), ['one']],
    [contains({ n: 1.5 }), ['half']],
    [contains({ n: 100 }), ['exp']],
    [contains({ n: 9007199254740991 }), ['big']],
    [contains({ n: true }), ['true']],
  ])
  const strings = {
    plain: { s: 'a' },
    upper: { s: 'A' },
    space: { s: 'a ' },
    accent: { s: 'á' },
    quote: { s: '"\\\'' },
    astral: { s: '😀' },
    empty: { s: '' },
  }
  define(
    t,
    'contains.text-by-code-point',
    strings,
    Object.entries(strings).map(([name, document]) => [contains(document), [name]] as const),
  )
}

function nulls(t: SuiteBuilder): void {
  const documents = {
    null: { a: null },
    missing: {},
    list: [null],
    other: { a: 0 },
    'json null': jsonNull,
    'sql null': undefined,
  }
  define(t, 'contains.null-is-a-value', documents, [
    [contains({ a: null }), ['null']],
    [contains([null]), ['list']],
    [contains(null), ['json null', 'list']],
  ])
  define(t, 'contains.sql-null-is-unknown', documents, [
    [{ not: contains({ a: null }) }, ['missing', 'list', 'other', 'json null']],
    [{ not: contains(null) }, ['null', 'missing', 'other']],
  ])
}

function places(t: SuiteBuilder): void {
  const documents = {
    tags: { tags: ['a', 'b'], n: 1 },
    one: { tags: 'a' },
    none: { tags: [] },
    null: { tags: null },
    missing: {},
    'sql null': undefined,
  }
  define(t, 'contains.at-a-path', documents, [
    [{ 'data.tags': { jsonContains: ['a'] } }, ['tags']],
    [{ 'data.tags': { jsonContains: 'a' } }, ['tags', 'one']],
    [{ 'data.tags': { jsonContains: [] } }, ['tags', 'none']],
    [{ 'data.tags': { jsonContains: null } }, ['null']],
    [{ not: { 'data.tags': { jsonContains: 'a' } } }, ['none', 'null']],
  ])
  let [document, wanted]: [unknown, unknown] = [{ leaf: 1, more: 2 }, { leaf: 1 }]
  let other: unknown = { leaf: 2 }
  for (let level = 0; level < 12; level++) {
    document = level % 3 === 0 ? [document, level] : { x: document, y: level }
    wanted = level % 3 === 0 ? [wanted] : { x: wanted }
    other = level % 3 === 0 ? [other] : { x: other }
  }
  define(t, 'contains.deep-documents', { deep: document, shallow: { x: 1 } }, [
    [contains(wanted), ['deep']],
    [contains(other), []],
  ])
  const large = Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`k${i}`, i]))
  define(t, 'contains.many-keys', { large, almost: { ...large, k199: 'x' } }, [
    [contains(large), ['large']],
    [contains({ k0: 0 }), ['large', 'almost']],
  ])
  define(t, 'contains.beside-other-conditions', { a: { a: 1, n: 1 }, b: { a: 1, n: 2 } }, [
    [{ ...contains({ a: 1 }), 'data.n': { gt: 1 } }, ['b']],
    [{ or: [contains({ n: 1 }), contains({ n: 2 })], title: 'a' }, ['a']],
  ])
}
