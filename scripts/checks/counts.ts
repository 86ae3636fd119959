export interface Counts {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
}

export const PASSED: Counts = { passed: 1, failed: 0, skipped: 0 }
export const FAILED: Counts = { passed: 0, failed: 1, skipped: 0 }

export function add(all: readonly Counts[]): Counts {
  return all.reduce(
    (sum, counts) => ({
      passed: sum.passed + counts.passed,
      failed: sum.failed + counts.failed,
      skipped: sum.skipped + counts.skipped,
    }),
    { passed: 0, failed: 0, skipped: 0 },
  )
}

export function say({ passed, failed, skipped }: Counts): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`
}

/** A tool that ended badly without a counted failure has still failed. */
export function withExitCode(counts: Counts, exitCode: number): Counts {
  return exitCode !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts
}

/** The counts in vitest's JSON report. A file that could not be loaded has no test to count, and counts as one. */
export function vitestCounts(report: unknown): Counts {
  const number = reader(report)
  const failed = number('numFailedTests')
  return {
    passed: number('numPassedTests'),
    failed: failed > 0 ? failed : number('numFailedTestSuites'),
    skipped: number('numPendingTests') + number('numTodoTests'),
  }
}

/** The counts in the conformance report. What could not run is shown as skipped: it proves nothing. */
export function conformanceCounts(report: unknown): Counts {
  const summary = isRecord(report) ? report.summary : undefined
  const number = reader(summary)
  return { passed: number('passed'), failed: number('failed'), skipped: number('skipped') + number('notRun') }
}

/** One count for each task that turbo was asked for, not for those that these need first. */
export function turboCounts(summary: unknown, names: readonly string[]): Counts {
  const tasks = isRecord(summary) && Array.isArray(summary.tasks) ? summary.tasks.filter(isRecord) : []
  const asked = tasks.filter((task) => names.includes(String(task.taskId).split('#').at(-1) ?? ''))
  return add(asked.map((task) => (isRecord(task.execution) && task.execution.exitCode === 0 ? PASSED : FAILED)))
}

function reader(value: unknown): (name: string) => number {
  return (name) => {
    const found = isRecord(value) ? value[name] : undefined
    if (typeof found !== 'number') throw new Error(`The report has no number called ${name}.`)
    return found
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
