import assert from 'node:assert/strict'
import { describe, expect, it } from 'vitest'
import { model } from '../src/backends/model.ts'
import { type Suite, suite } from '../src/harness/index.ts'
import { MUTANTS } from '../src/mutants/index.ts'
import { type Mutant, mutantBackend } from '../src/mutants/mutant.ts'
import { runMutants } from '../src/mutants/run.ts'

const forgetful: Mutant = {
  name: 'forgetful',
  defect: 'counts nothing',
  suites: ['late'],
  break: () => ({ count: async () => 0 }),
}

function counting(name: string, act: () => void = () => {}): Suite {
  return suite(name, (t) =>
    t.behaviour('counts', async ({ db }) => {
      act()
      await db.insert('archon_projects', { title: 'one' })
      assert.equal(await db.count('archon_projects'), 1)
    }),
  )
}

const blind: Suite = suite('blind', (t) => t.behaviour('looks-at-nothing', async () => {}))

function outcomesOf(suites: readonly Suite[]): Promise<[string, string][]> {
  return runMutants({ backend: model, suites, mutants: [forgetful], seed: 1 }).then(({ behaviours }) =>
    behaviours.map(({ id, outcome }) => [id, outcome]),
  )
}

describe('mutants', () => {
  it('are killed by the behaviour that fails', async () => {
    const { behaviours, summary } = await runMutants({
      backend: model,
      suites: [blind, counting('late')],
      mutants: [forgetful],
      seed: 1,
    })
    expect(summary).toEqual({ passed: 2, failed: 0, skipped: 0, notRun: 0 })
    expect(behaviours.at(-1)?.notes).toEqual(['counts nothing: noticed by late/counts'])
  })

  it('that survive are failures', async () => {
    expect(await outcomesOf([blind])).toEqual([
      ['mutants/control', 'passed'],
      ['mutants/forgetful', 'failed'],
    ])
  })

  it('prove nothing when the whole database fails too', async () => {
    const failing = counting('failing', () => assert.fail('always'))
    expect(await outcomesOf([failing])).toEqual([['mutants/control', 'failed']])
  })

  it('are broken in their transactions, repositories and builders as well', async () => {
    const empty: Mutant = { ...forgetful, break: () => ({ select: async () => ({ rows: [] }) }) }
    const running = await mutantBackend(model, empty).start()
    const { db, drop } = await running.fresh('x')
    await db.insert('archon_projects', { title: 'one' })
    expect(await db.transaction((tx) => tx.select('archon_projects'))).toEqual({ rows: [] })
    expect(await db.transaction((tx) => tx.transaction((nested) => nested.from('archon_projects').execute()))).toEqual(
      [],
    )
    expect(await db.repositories.projects.list()).toMatchObject({ items: [] })
    await drop()
  })

  it('are at least a dozen, each with a name of its own', () => {
    expect(MUTANTS.length).toBeGreaterThanOrEqual(12)
    expect(new Set(MUTANTS.map(({ name }) => name)).size).toBe(MUTANTS.length)
  })
})
