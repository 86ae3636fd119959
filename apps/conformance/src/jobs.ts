import { fork } from 'node:child_process'
import { join } from 'node:path'
import type { Runner } from './harness/conformance.ts'
import type { BackendReport } from './harness/results.ts'
import type { RunOptions } from './harness/run.ts'

/** What a process of its own is told to run. */
export interface Job extends Pick<RunOptions, 'seed' | 'required'> {
  readonly backend: string
  /** By their whole names. */
  readonly suites: readonly string[]
  readonly filter?: string | undefined
}

/** Suites that mostly wait, or take as long as all others together: each of them is a job, and begins early. */
const APART: ReadonlySet<string> = new Set(['vector-index', 'recall', 'migrations', 'faults'])

const PROGRAM = join(import.meta.dirname, 'job.ts')

interface Named {
  readonly name: string
}

/** Runs the suites in processes of their own, which end when this one does. Results come when a process has all of its. */
export function inProcesses(
  backend: Named & { readonly label: string },
  suites: readonly Named[],
  filter?: string,
): Runner[] {
  const names = suites.map(({ name }) => name)
  const together = names.filter((name) => !APART.has(name))
  const apart = names.filter((name) => APART.has(name)).map((name) => [name])
  return [together, ...apart].filter((some) => some.length > 0).map((some) => inProcess(backend, some, filter))
}

function inProcess(
  { name, label }: Named & { readonly label: string },
  suites: readonly string[],
  filter: string | undefined,
): Runner {
  return {
    name,
    suites,
    early: suites.some((suite) => APART.has(suite)),
    async run({ seed, required, onBackend, onResult }) {
      const job: Job = { backend: name, suites, filter, seed, ...(required !== undefined && { required }) }
      const report = await resultOf(job).catch((error: Error) => crashed(name, label, error))
      onBackend?.(report.label, report.version)
      for (const result of report.behaviours) onResult?.(result)
      return report
    },
  }
}

function resultOf(job: Job): Promise<BackendReport> {
  const child = fork(PROGRAM)
  return new Promise((resolve, reject) => {
    let report: BackendReport | undefined
    child.once('error', reject)
    child.on('message', (message) => {
      report = message as BackendReport
    })
    child.once('exit', (code, signal) => {
      if (report) resolve(report)
      else reject(new Error(`Its process ended with ${signal ?? `code ${code}`} before it had run every suite.`))
    })
    child.send(job)
  })
}

function crashed(name: string, label: string, { message }: Error): BackendReport {
  const failure = { id: 'backend/runs', suite: 'backend', outcome: 'failed', durationMs: 0 } as const
  return {
    name,
    label,
    version: null,
    notRun: message,
    durationMs: 0,
    summary: { passed: 0, failed: 1, skipped: 0, notRun: 0 },
    behaviours: [{ ...failure, error: { name: 'Error', message } }],
  }
}
