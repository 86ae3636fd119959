import assert from 'node:assert/strict'
import type { Database } from '@archon-db/core'
import { describe, expect, it } from 'vitest'
import { model } from '../src/backends/model.ts'
import { sqlite } from '../src/backends/sqlite.ts'
import { databaseRunner, filterSuites, runConformance, suitesNamed } from '../src/harness/conformance.ts'
import {
  type Backend,
  BackendUnavailable,
  eventually,
  rejects,
  type Suite,
  type SuiteBuilder,
  startTogether,
  suite,
} from '../src/harness/index.ts'
import { finalLine, Progress } from '../src/harness/progress.ts'
import { deriveSeed } from '../src/harness/random.ts'
import { addSummaries, type BehaviourResult, type RunReport, summarize } from '../src/harness/results.ts'
import { inProcesses } from '../src/jobs.ts'
import { chosenBackends, chosenSuites } from '../src/selection.ts'

/** Runs behaviours on the model; the results by id, in the order in which they ran. */
async function run(
  define: (t: SuiteBuilder) => void,
  options: { seed?: number; bail?: boolean } = {},
): Promise<BehaviourResult[]> {
  const report = await runConformance({ runners: [databaseRunner(model, [suite('s', define)])], seed: 1, ...options })
  return [...report.backends[0]!.behaviours]
}

function outcomes(results: readonly BehaviourResult[]): Record<string, string> {
  return Object.fromEntries(results.map(({ id, outcome }) => [id, outcome]))
}

describe('a run', () => {
  it('passes what holds and fails what does not', async () => {
    const results = await run((t) => {
      t.behaviour('good', async () => {})
      t.behaviour('bad', async () => assert.equal(1, 2))
    })
    expect(outcomes(results)).toEqual({ 's/good': 'passed', 's/bad': 'failed' })
    expect(results.find(({ id }) => id === 's/bad')?.error).toMatchObject({
      name: 'AssertionError',
      code: 'ERR_ASSERTION',
    })
  })

  it('leaves out suites that a backend is not there for', async () => {
    const suites = ['a', 'b'].map((name) => suite(name, (t) => t.behaviour('x', async () => {})))
    const runner = databaseRunner({ ...model, suites: ['b', 'c'] }, suites)
    const report = await runConformance({ runners: [runner], seed: 1 })
    expect(report.suites).toEqual(['b'])
    expect(outcomes(report.backends[0]!.behaviours)).toEqual({ 'b/x': 'passed' })
  })

  it('starts no backend of which no suite is to run', () => {
    const names = (suite: string): string[] =>
      chosenBackends(undefined, chosenSuites({ suite })).backends.map(({ name }) => name)
    expect(names('crud')).toContain('sqlite')
    expect(names('crud')).not.toContain('sqlite-chroma')
    expect(names('hybrid')).toContain('sqlite-chroma')
    expect(chosenBackends('sqlite-chroma', chosenSuites({ suite: 'crud' })).backends).toEqual([])
  })

  it('gives every behaviour empty tables', async () => {
    const add = async ({ db }: { db: Database }): Promise<void> => {
      assert.equal(await db.count('archon_projects'), 0)
      await db.insert('archon_projects', { title: 'left behind' })
    }
    const results = await run((t) => {
      for (const id of ['a', 'b', 'c']) t.behaviour(id, add)
    })
    expect(outcomes(results)).toEqual({ 's/a': 'passed', 's/b': 'passed', 's/c': 'passed' })
  })

  it('goes on with a new database when one was closed', async () => {
    const results = await run((t) => {
      for (const id of ['a', 'b']) t.behaviour(id, ({ db }) => db.close())
    })
    expect(outcomes(results)).toEqual({ 's/a': 'passed', 's/b': 'passed' })
  })

  it('orders by seed', async () => {
    const define = (t: SuiteBuilder): void => {
      for (let i = 0; i < 20; i++) t.behaviour(`b${i}`, async () => {})
    }
    const order = async (seed: number): Promise<string[]> => (await run(define, { seed })).map(({ id }) => id)
    expect(await order(7)).toEqual(await order(7))
    expect(await order(7)).not.toEqual(await order(8))
  })

  it('gives a behaviour the same random numbers alone and in company', async () => {
    const results = await run(
      (t) => t.behaviour('draws', async ({ seed, note, random }) => note(`${seed} ${random.integer(0, 1e9)}`)),
      { seed: 5 },
    )
    const again = await run(
      (t) => {
        t.behaviour('first', async ({ random }) => void random.next())
        t.behaviour('draws', async ({ seed, note, random }) => note(`${seed} ${random.integer(0, 1e9)}`))
      },
      { seed: 5 },
    )
    expect(results[0]?.notes).toEqual(again.find(({ id }) => id === 's/draws')?.notes)
    expect(results[0]?.notes?.[0]).toMatch(new RegExp(`^${deriveSeed(5, 's/draws')} `))
  })

  it('fails what takes too long, and keeps its database from the next', async () => {
    const results = await run((t) => {
      t.behaviour('hangs', { limitMs: 30 }, ({ db }) => db.transaction(() => new Promise<void>(() => {})))
      t.behaviour('writes', async ({ db }) => void (await db.insert('archon_projects', { title: 'x' })))
    })
    expect(outcomes(results)).toEqual({ 's/hangs': 'failed', 's/writes': 'passed' })
    expect(results.find(({ id }) => id === 's/hangs')?.error?.name).toBe('TimeLimitError')
  })

  it('fails a behaviour for a rejection that nobody awaits', async () => {
    const results = await run((t) =>
      t.behaviour('stray', async () => {
        void Promise.reject(new Error('stray'))
      }),
    )
    expect(results[0]?.error?.message).toContain('Error: stray')
  })

  it('skips by trait, or asserts what holds without it', async () => {
    const results = await run((t) => {
      t.behaviour('skipped', { needs: 'sql' }, async () => assert.fail())
      t.behaviour('otherwise', { needs: 'sql', otherwise: async () => {} }, async () => assert.fail())
      t.behaviour('needed', { needs: ['shareable'] }, async ({ open }) => void (await open()))
    })
    expect(outcomes(results)).toEqual({ 's/skipped': 'skipped', 's/otherwise': 'passed', 's/needed': 'passed' })
    expect(results.find(({ id }) => id === 's/skipped')?.reason).toBe('there is no SQL here (sql)')
    expect(results.find(({ id }) => id === 's/otherwise')?.otherwise).toBe(true)
  })

  it('stops at the first failure when asked to', async () => {
    const results = await run(
      (t) => {
        for (const id of ['a', 'b', 'c']) t.behaviour(id, async () => assert.fail())
      },
      { bail: true },
    )
    expect(results.map(({ outcome }) => outcome)).toEqual(['failed', 'not run', 'not run'])
  })
})

describe('a backend that cannot run', () => {
  const suites: Suite[] = [suite('s', (t) => t.behaviour('a', async () => {}))]
  const missing: Backend = {
    name: 'missing',
    label: 'Missing',
    start: () => Promise.reject(new BackendUnavailable('no server here')),
  }
  const broken: Backend = { name: 'broken', label: 'Broken', start: () => Promise.reject(new Error('boom')) }

  it('is not run where nobody asked for it', async () => {
    const { summary, backends } = await runConformance({ runners: [databaseRunner(missing, suites)], seed: 1 })
    expect(summary).toEqual({ passed: 0, failed: 0, skipped: 0, notRun: 1 })
    expect(backends[0]).toMatchObject({ notRun: 'no server here', version: null })
  })

  it('is a failure where it was asked for, and wherever it is broken', async () => {
    const asked = await runConformance({
      runners: [databaseRunner(missing, suites)],
      seed: 1,
      required: new Set(['missing']),
    })
    expect(asked.summary).toEqual({ passed: 0, failed: 1, skipped: 0, notRun: 1 })
    const defect = await runConformance({ runners: [databaseRunner(broken, suites)], seed: 1 })
    expect(defect.summary.failed).toBe(1)
  })
})

describe('suites', () => {
  it('refuse ids that are no ids, and the same one twice', () => {
    expect(() => suite('s', (t) => t.behaviour('No spaces', async () => {}))).toThrow('is no id')
    const twice = (t: SuiteBuilder): void => {
      for (const id of ['a', 'a']) t.behaviour(id, async () => {})
    }
    expect(() => suite('s', twice)).toThrow('s/a is there twice')
  })

  it('are filtered by what their ids hold', () => {
    const all = [
      suite('one', (t) => t.behaviour('a.b', async () => {})),
      suite('two', (t) => t.behaviour('c', async () => {})),
    ]
    expect(filterSuites(all, 'one/a').map(({ name }) => name)).toEqual(['one'])
  })

  it('takes a name for every suite that goes on after it, by whole words', () => {
    const all = ['vector', 'vector-index', 'vectors', 'hybrid', 'a-vector'].map((name) => ({ name }))
    const named = (wanted: string): string[] => suitesNamed(all, wanted).map(({ name }) => name)
    expect(named('vector')).toEqual(['vector', 'vector-index'])
    expect(named('vector-index')).toEqual(['vector-index'])
    expect([named('vec'), named('vector-'), named('')]).toEqual([[], [], []])
  })
})

describe('assertions', () => {
  it('rejects wants a failure, of this code', async () => {
    await expect(rejects(Promise.resolve(), 'closed')).rejects.toThrow('expected closed, but the call succeeded')
    await expect(rejects(Promise.reject(new Error('x')), 'closed')).rejects.toThrow('expected a DbError closed')
  })

  it('eventually gives up with the last failure', async () => {
    let calls = 0
    await eventually(() => assert.equal(++calls, 3))
    expect(calls).toBe(3)
    await expect(eventually(() => assert.fail('never'), { within: 1 })).rejects.toThrow('never')
  })

  it('startTogether starts nothing before all are ready', async () => {
    const events: string[] = []
    await startTogether(
      3,
      async (i) => void events.push(`run ${i}`),
      async (i) => void events.push(`prepare ${i}`),
    )
    expect(events).toEqual(['prepare 0', 'prepare 1', 'prepare 2', 'run 0', 'run 1', 'run 2'])
  })
})

describe('what is printed', () => {
  async function printed(define: (t: SuiteBuilder) => void): Promise<{ text: string; report: RunReport }> {
    let text = ''
    const progress = new Progress({ write: (part) => (text += part) })
    const report = await runConformance({
      runners: [databaseRunner(model, [suite('s', define)])],
      seed: 3,
      onBackend: (label, version) => progress.backend(label, version),
      onResult: (result) => progress.result(result),
    })
    progress.report(report)
    return { text, report }
  }

  it('names each failure and the seed', async () => {
    const { text, report } = await printed((t) => t.behaviour('bad', async () => assert.fail('on purpose')))
    expect(text).toContain('✗ s/bad')
    expect(text).toContain('on purpose')
    expect(text).toContain('--seed 3')
    expect(finalLine(report.summary)).toBe('0 passed, 1 failed, 0 skipped')
  })

  it('has no escape codes where there is no terminal', async () => {
    const { text } = await printed((t) => t.behaviour('good', async () => {}))
    expect(text).not.toContain('\x1b')
    expect(text).toMatch(/s {5}✓1\n/)
  })
})

describe('backends in processes of their own', { timeout: 60_000 }, () => {
  const suites = chosenSuites({ suite: 'lifecycle,recall' })

  it('report what they would have reported here', async () => {
    const runners = [model, sqlite].flatMap((backend) => inProcesses(backend, suites.databases))
    expect(runners.map(({ suites: own }) => own)).toEqual([['lifecycle'], ['recall'], ['lifecycle'], ['recall']])
    const apart = await runConformance({ runners, seed: 5, jobs: 2 })
    const here = await runConformance({ runners: [databaseRunner(model, suites.databases)], seed: 5 })
    expect(apart.backends.map(({ name }) => name)).toEqual(['model', 'sqlite'])
    expect(apart.suites).toEqual(['lifecycle', 'recall'])
    expect(apart.summary).toEqual(addSummaries(apart.backends.map(({ behaviours }) => summarize(behaviours))))
    expect(apart.summary.failed).toBe(0)
    expect(outcomes(apart.backends[0]!.behaviours)).toEqual(outcomes(here.backends[0]!.behaviours))
  })

  it('that end before their time have failed', async () => {
    const unknown = { name: 'no-such-backend', label: 'None' }
    const runners = inProcesses(unknown, [{ name: 'lifecycle' }])
    const { summary, backends } = await runConformance({ runners, seed: 5, jobs: 2 })
    expect(summary).toEqual({ passed: 0, failed: 1, skipped: 0, notRun: 0 })
    expect(backends[0]?.notRun).toMatch(/ended with code 1/)
  })
})
