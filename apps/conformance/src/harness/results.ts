/** What a run leaves behind: plain data, the same in memory, in the JSON file and in the HTML page. */

export type Outcome = 'passed' | 'failed' | 'skipped' | 'not run'

export interface BehaviourResult {
  readonly id: string
  readonly suite: string
  readonly outcome: Outcome
  readonly durationMs: number
  /** Why it was skipped or not run. */
  readonly reason?: string
  /** The trait is absent, and what is documented for that case was asserted instead. */
  readonly otherwise?: true
  readonly error?: FailureReport
  readonly notes?: readonly string[]
}

export interface FailureReport {
  readonly name: string
  readonly message: string
  readonly code?: string
  readonly stack?: string
}

export interface BackendReport {
  readonly name: string
  readonly label: string
  /** Null when it never started. */
  readonly version: { readonly product: string; readonly version: string } | null
  readonly notRun?: string
  readonly durationMs: number
  readonly summary: Summary
  readonly behaviours: readonly BehaviourResult[]
}

export interface Summary {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
  readonly notRun: number
}

export interface RunReport {
  readonly format: 1
  readonly startedAt: string
  readonly durationMs: number
  /** Repeats the run's order and random data. */
  readonly seed: number
  readonly runtime: string
  readonly platform: string
  readonly suites: readonly string[]
  readonly summary: Summary
  readonly backends: readonly BackendReport[]
}

const COUNTED: Readonly<Record<Outcome, keyof Summary>> = {
  passed: 'passed',
  failed: 'failed',
  skipped: 'skipped',
  'not run': 'notRun',
}

export function summarize(results: Iterable<{ readonly outcome: Outcome }>): Summary {
  const counts = { passed: 0, failed: 0, skipped: 0, notRun: 0 }
  for (const { outcome } of results) counts[COUNTED[outcome]]++
  return counts
}

export function addSummaries(all: readonly Summary[]): Summary {
  const total = { passed: 0, failed: 0, skipped: 0, notRun: 0 }
  for (const summary of all) {
    for (const key of ['passed', 'failed', 'skipped', 'notRun'] as const) total[key] += summary[key]
  }
  return total
}
