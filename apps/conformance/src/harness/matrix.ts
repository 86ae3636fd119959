import { type BackendReport, type RunReport, type Summary, summarize } from './results.ts'

/** One cell: what a backend did with a suite. */
export interface Cell extends Summary {
  readonly backend: string
  readonly suite: string
}

export function cellsOf(backend: BackendReport, suites: readonly string[]): Cell[] {
  return suites.map((suite) => ({
    backend: backend.name,
    suite,
    ...summarize(backend.behaviours.filter((behaviour) => behaviour.suite === suite)),
  }))
}

/** `✓12`, `✗1 ✓11`, `✓9 –3` with three skipped, `not run`. */
function cellText({ passed, failed, skipped, notRun }: Summary): string {
  if (passed + failed + skipped === 0) return notRun === 0 ? '' : 'not run'
  const counts: [string, number][] = [
    ['✗', failed],
    ['✓', passed],
    ['–', skipped],
    ['?', notRun],
  ]
  return counts.flatMap(([mark, count]) => (count > 0 ? [mark + count] : [])).join(' ')
}

/** Suites downwards, backends across, for a console. */
export function matrixLines(report: RunReport): string[] {
  const columns = report.backends.map((backend) => ({
    title: backend.label,
    cells: cellsOf(backend, report.suites).map(cellText),
    total: cellText(backend.summary),
  }))
  const first = ['', ...report.suites, 'all']
  const table = [first, ...columns.map(({ title, cells, total }) => [title, ...cells, total])]
  const widths = table.map((column) => Math.max(...column.map((text) => text.length)))
  return first.map((_, row) =>
    table
      .map((column, i) => (column[row] ?? '').padEnd(widths[i] ?? 0))
      .join('   ')
      .trimEnd(),
  )
}
