import { fork } from 'node:child_process'
import { join } from 'node:path'
import type { Runner } from './harness/conformance.ts'
import type { BackendReport } from './harness/results.ts'
import type { RunOptions } from './harness/run.ts'
import type { ChosenSuites, Selection } from './selection.ts'

/** What a process of its own is told to run. */
export interface Job extends Selection, Pick<RunOptions, 'seed' | 'required'> {
  readonly backend: string
}

const PROGRAM = join(import.meta.dirname, 'job.ts')

/** Runs the suites in a process of its own, which ends when this one does. Its results come when all of them are there. */
export function inProcess(
  { name, label }: { readonly name: string; readonly label: string },
  suites: ChosenSuites,
  { suite, filter }: Selection,
): Runner {
  return {
    name,
    suites: [...suites.databases, ...suites.stores].map((one) => one.name),
    async run({ seed, required, onBackend, onResult }) {
      const job: Job = { backend: name, suite, filter, seed, ...(required !== undefined && { required }) }
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
