import assert from 'node:assert/strict'
import type { Database, Filter } from '@archon-db/core'
import type { SuiteBuilder } from '../../harness/index.ts'
import type { Random } from '../../harness/random.ts'

const TABLE = 'archon_tasks'
const ROWS = 60
const PAIRS = 12

/** Laws that hold for any filters on any rows, three-valued logic included. */
export function deMorgan(t: SuiteBuilder): void {
  t.behaviour('laws.de-morgan', (context) =>
    eachPair(context, async (found, a, b) => {
      assert.deepEqual(await found({ not: { and: [a, b] } }), await found({ or: [{ not: a }, { not: b }] }))
      assert.deepEqual(await found({ not: { or: [a, b] } }), await found({ and: [{ not: a }, { not: b }] }))
    }),
  )
  t.behaviour('laws.double-negation', (context) =>
    eachPair(context, async (found, a) => {
      assert.deepEqual(await found({ not: { not: a } }), await found(a))
    }),
  )
  t.behaviour('laws.and-is-intersection-or-is-union', (context) =>
    eachPair(context, async (found, a, b) => {
      const [inA, inB] = [new Set(await found(a)), new Set(await found(b))]
      assert.deepEqual(await found({ and: [a, b] }), sorted(inA.intersection(inB)))
      assert.deepEqual(await found({ or: [a, b] }), sorted(inA.union(inB)))
    }),
  )
  t.behaviour('laws.nothing-is-both-matched-and-not', (context) =>
    eachPair(context, async (found, a) => {
      assert.deepEqual(sorted(new Set(await found(a)).intersection(new Set(await found({ not: a })))), [])
      assert.deepEqual(await found({ and: [a, { not: a }] }), [])
    }),
  )
}

type Found = (where: Filter) => Promise<string[]>

async function eachPair(
  { db, random }: { db: Database; random: Random },
  law: (found: Found, a: Filter, b: Filter) => Promise<void>,
): Promise<void> {
  await db.insert(
    TABLE,
    Array.from({ length: ROWS }, (_, i) => randomRow(random, i)),
    { returning: false },
  )
  const found: Found = async (where) => {
    const { rows } = await db.select<{ title: string }>(TABLE, { columns: ['title'], where })
    return rows.map((row) => row.title).sort()
  }
  for (let pair = 0; pair < PAIRS; pair++) {
    const [a, b] = [randomFilter(random, 2), randomFilter(random, 2)]
    try {
      await law(found, a, b)
    } catch (error) {
      throw new Error(`seed ${random.seed}: a = ${JSON.stringify(a)}, b = ${JSON.stringify(b)}`, { cause: error })
    }
  }
}

const FEATURES = ['a', 'A', 'b', '', 'ä', null] as const
const ORDERS = [0, 1, 2, null] as const
const FLAGS = [true, false, null] as const

function randomRow(random: Random, i: number): object {
  return {
    title: `row ${i}`,
    feature: random.pick(FEATURES),
    task_order: random.pick(ORDERS),
    archived: random.pick(FLAGS),
    sources: random.pick([{}, { n: 1 }, { n: '1' }, { n: null }, { n: true }, null]),
  }
}

function randomFilter(random: Random, depth: number): Filter {
  const inner = (): Filter => randomFilter(random, depth - 1)
  const group = depth > 0 ? random.integer(0, 5) : 5
  if (group === 0) return { and: [inner(), inner()] }
  if (group === 1) return { or: [inner(), inner()] }
  if (group === 2) return { not: inner() }
  return randomCondition(random)
}

function randomCondition(random: Random): Filter {
  const feature = random.pick(FEATURES)
  const order = random.pick(ORDERS)
  return random.pick<Filter>([
    { feature },
    { feature: { ne: feature } },
    { feature: { ilike: feature } },
    { feature: { in: [feature, random.pick(FEATURES)] } },
    { feature: { notIn: [feature, 'a'] } },
    { feature: { distinctFrom: feature } },
    { task_order: { gt: order } },
    { task_order: { between: [order, 2] } },
    { task_order: { isNull: random.pick([true, false]) } },
    { archived: random.pick(FLAGS) },
    { 'sources.n': random.pick([1, '1', true, null]) },
    { 'sources.n': { ne: random.pick([1, '1', true]) } },
    { 'sources.n': { exists: random.pick([true, false]) } },
    { sources: { jsonContains: random.pick([{}, { n: 1 }]) } },
  ])
}

function sorted(set: ReadonlySet<string>): string[] {
  return [...set].sort()
}
