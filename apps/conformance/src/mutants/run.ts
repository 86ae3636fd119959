import type { Backend, Suite } from '../harness/index.ts'
import { type BackendReport, type BehaviourResult, summarize } from '../harness/results.ts'
import { runBackend } from '../harness/run.ts'
import { type Mutant, mutantBackend } from './mutant.ts'

/** Wrapped like the others, but whole: if a behaviour fails on it, a kill would prove nothing. */
const CONTROL: Mutant = { name: 'control', defect: 'none: every behaviour must pass', suites: [], break: () => ({}) }

/** The name of the suite in which each mutant is a behaviour: passed when killed. */
const SUITE = 'mutants'

export interface MutantOptions {
  readonly backend: Backend
  readonly suites: readonly Suite[]
  readonly mutants: readonly Mutant[]
  readonly seed: number
  readonly onResult?: (result: BehaviourResult) => void
}

/** Every mutant must fail some behaviour, and the control none. The report looks like that of a suite. */
export async function runMutants({ backend, suites, mutants, seed, onResult }: MutantOptions): Promise<BackendReport> {
  const started = performance.now()
  const results: BehaviourResult[] = []
  const add = (result: BehaviourResult): void => {
    results.push(result)
    onResult?.(result)
  }
  const control = await runBackend(mutantBackend(backend, CONTROL), suites, { seed })
  add(controlResult(control))
  if (control.summary.failed === 0) {
    for (const mutant of mutants) {
      const ordered = inOrder(suites, mutant, control)
      add(killResult(mutant, await runBackend(mutantBackend(backend, mutant), ordered, { seed, bail: true })))
    }
  }
  const { name, label } = backend
  return {
    name,
    label,
    version: control.version,
    durationMs: performance.now() - started,
    summary: summarize(results),
    behaviours: results,
  }
}

/** Those that should notice come first, then the quick ones; the comparison with the model last: it notices everything. */
function inOrder(suites: readonly Suite[], mutant: Mutant, control: BackendReport): Suite[] {
  const place = ({ name }: Suite): number => {
    if (mutant.suites.includes(name)) return mutant.suites.indexOf(name) - mutant.suites.length
    return name === 'differential' ? Number.MAX_SAFE_INTEGER : durationOf(control, name)
  }
  return suites.toSorted((a, b) => place(a) - place(b))
}

function durationOf({ behaviours }: BackendReport, suite: string): number {
  return behaviours.reduce((sum, behaviour) => (behaviour.suite === suite ? sum + behaviour.durationMs : sum), 0)
}

function controlResult({ behaviours, durationMs }: BackendReport): BehaviourResult {
  const failed = behaviours.filter(({ outcome }) => outcome === 'failed')
  const about = { id: `${SUITE}/${CONTROL.name}`, suite: SUITE, durationMs }
  if (failed.length === 0) return { ...about, outcome: 'passed', notes: [`${behaviours.length} behaviours`] }
  const message = `The database without a defect fails ${failed.map(({ id }) => id).join(', ')}: no kill would prove anything.`
  return { ...about, outcome: 'failed', error: { name: 'ControlFailed', message } }
}

function killResult({ name, defect }: Mutant, { behaviours, durationMs }: BackendReport): BehaviourResult {
  const killer = behaviours.find(({ outcome }) => outcome === 'failed')
  const about = { id: `${SUITE}/${name}`, suite: SUITE, durationMs }
  if (killer) return { ...about, outcome: 'passed', notes: [`${defect}: noticed by ${killer.id}`] }
  return {
    ...about,
    outcome: 'failed',
    error: { name: 'MutantSurvived', message: `Nothing noticed this defect: ${defect}.` },
  }
}
