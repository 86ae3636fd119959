import {
  addSummaries,
  type BackendReport,
  type BehaviourResult,
  type RunReport,
  summarize,
} from '../src/harness/results.ts'

const SUITES: Readonly<Record<string, number>> = {
  crud: 12,
  filters: 30,
  isolation: 14,
  'a-suite-with-quite-a-long-name': 4,
}

/** A report with everything a page can have to show: failures, skips, a backend that could not run, markup in messages. */
export function sampleReport(): RunReport {
  const backends = [
    backend('alpha', 'Alpha in memory', { product: 'Alpha', version: '3.45.1' }, () => ({})),
    backend('beta', 'Beta 17', { product: 'Beta', version: '17.2 (a long name of a build)' }, failing),
    backend('gamma', 'Gamma 9', null, () => ({ outcome: 'not run', reason: 'no Gamma on this machine' })),
    backend('delta', 'Delta pooled', { product: 'Delta', version: '11.4.2' }, skipping),
    backend('epsilon', 'Epsilon embedded', { product: 'Epsilon', version: '0.5.16' }, () => ({
      notes: ['mechanism: waited'],
    })),
  ]
  return {
    format: 1,
    startedAt: '2025-01-31T12:34:56.789Z',
    durationMs: 83_456,
    seed: 4711,
    runtime: 'Node 24.1.0',
    platform: 'linux x64',
    suites: Object.keys(SUITES),
    summary: addSummaries(backends.map(({ summary }) => summary)),
    backends,
  }
}

type Change = (id: string) => Partial<BehaviourResult>

function backend(name: string, label: string, version: BackendReport['version'], change: Change): BackendReport {
  const behaviours = Object.entries(SUITES).flatMap(([suite, count]) =>
    Array.from({ length: count }, (_, i): BehaviourResult => {
      const id = `${suite}/behaviour.number-${i + 1}`
      return { id, suite, outcome: 'passed', durationMs: i * 7.5, ...change(id) }
    }),
  )
  const notRun = version ? {} : { notRun: 'no Gamma on this machine' }
  return { name, label, version, ...notRun, durationMs: 20_000, summary: summarize(behaviours), behaviours }
}

function failing(id: string): Partial<BehaviourResult> {
  if (id !== 'filters/behaviour.number-3') return {}
  const message = `expected <b>${'1'.repeat(300)}</b> & "rows"\n+ actual\n- expected`
  return {
    outcome: 'failed',
    error: {
      name: 'AssertionError',
      message,
      code: 'ERR_ASSERTION',
      stack: `AssertionError: ${message}\n    at somewhere`,
    },
  }
}

function skipping(id: string): Partial<BehaviourResult> {
  return id.startsWith('isolation/') ? { outcome: 'skipped', reason: 'writers take turns here (concurrentWrites)' } : {}
}
