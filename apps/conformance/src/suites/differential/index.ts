import assert from 'node:assert/strict'
import type { Database } from '@archon-db/core'
import fc, { type Arbitrary, type RunDetails } from 'fast-check'
import { type Context, type Suite, suite, wipeTables } from '../../harness/index.ts'
import { ModelDatabase } from '../../model/database.ts'
import { ModelStore } from '../../model/store.ts'
import { outcomeOf } from './apply.ts'
import { canonicalRow } from './canonical.ts'
import { type Operation, Operations, TABLES } from './operations.ts'

/** Operations per behaviour, and how many seeds each gets: `DIFFERENTIAL_OPERATIONS=5000 DIFFERENTIAL_SEEDS=4`. */
const OPERATIONS = readCount('DIFFERENTIAL_OPERATIONS', 500)
const SEEDS = readCount('DIFFERENTIAL_SEEDS', 1)
/** Operations after which everything starts anew, so that a counterexample is short before it is made shorter. */
const SEQUENCE = 30
const SHRINKING_LIMIT_MS = 60_000

/** Random operations on the reference model and on the backend: results, order and error codes must be the same. */
export const differential: Suite = suite('differential', (t) => {
  const limitMs = SEEDS * (SHRINKING_LIMIT_MS + OPERATIONS * 200)
  const theme = (id: string, choose: (operations: Operations) => Arbitrary<Operation>): void => {
    t.behaviour(id, { limitMs }, (context) => compareWithModel(context, choose))
  }
  theme('reads', ({ reads }) => reads)
  theme('writes', ({ writes }) => writes)
  theme('transactions', ({ transactions, writes }) =>
    fc.oneof({ weight: 2, arbitrary: transactions }, { weight: 1, arbitrary: writes }),
  )
})

/** Some rows, and what is done with them. */
function sequenceOf(operations: Operations, operation: Arbitrary<Operation>): Arbitrary<Operation[]> {
  const then = fc.array(operation, { minLength: 1, maxLength: SEQUENCE, size: 'max' })
  return fc.tuple(operations.population, then).map(([rows, rest]) => [...rows, ...rest])
}

function readCount(name: string, preset: number): number {
  const count = Number(process.env[name] ?? preset)
  if (Number.isSafeInteger(count) && count > 0) return count
  throw new Error(`${name} takes a whole number above 0.`)
}

async function compareWithModel(
  context: Context,
  choose: (operations: Operations) => Arbitrary<Operation>,
): Promise<void> {
  const { db, seed, note, signal } = context
  const operations = new Operations(db.schema)
  const sequence = sequenceOf(operations, choose(operations))
  const numRuns = Math.ceil((2 * OPERATIONS) / SEQUENCE)
  let count = 0
  for (let round = 0; round < SEEDS; round++) {
    let shrinkUntil = Number.POSITIVE_INFINITY
    const property = fc.asyncProperty(sequence, async (steps) => {
      signal.throwIfAborted()
      // A sequence that is left behind while it runs would disturb the next one, so shrinking ends by finding nothing.
      if (performance.now() > shrinkUntil) return
      count += steps.length
      await compareSequence(db, steps).catch((error: unknown) => {
        shrinkUntil = Math.min(shrinkUntil, performance.now() + SHRINKING_LIMIT_MS)
        throw error
      })
    })
    report(await fc.check(property, { seed: seed + round, numRuns }))
  }
  note(`${count} operations, seed ${seed}${SEEDS > 1 ? ` to ${seed + SEEDS - 1}` : ''}`)
}

/** The difference, and the shortest way to it that was found. */
function report({ failed, counterexample, errorInstance, seed, numShrinks }: RunDetails<[Operation[]]>): void {
  if (!failed) return
  const [steps = []] = counterexample ?? []
  const difference = errorInstance instanceof Error ? errorInstance.message : String(errorInstance)
  const way = steps.map((step, i) => `  ${i + 1}. ${fc.stringify(step)}`).join('\n')
  throw new Error(`${difference}\n\nafter (seed ${seed}, shortened ${numShrinks} times)\n${way}`, {
    cause: errorInstance,
  })
}

async function compareSequence(db: Database, steps: readonly Operation[]): Promise<void> {
  const model = new ModelDatabase(new ModelStore(db.schema))
  await wipeTables(db)
  for (const step of steps) {
    assert.deepEqual(await outcomeOf(db, step), await outcomeOf(model, step), `${step.do} differs (+ backend, - model)`)
  }
  for (const table of TABLES) {
    assert.deepEqual(
      await storedRows(db, table),
      await storedRows(model, table),
      `${table} differs in the end (+ backend, - model)`,
    )
  }
}

async function storedRows(db: Database, table: string): Promise<unknown[]> {
  return (await db.select(table)).rows.map(canonicalRow)
}
