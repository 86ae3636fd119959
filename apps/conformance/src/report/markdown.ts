import { cellsOf } from '../harness/matrix.ts'
import type { RunReport, Summary } from '../harness/results.ts'

/** The support matrix as the README shows it: what holds on which database, in the versions that were run. */
export function matrixMarkdown(report: RunReport): string {
  const backends = report.backends.filter(({ name }) => name !== ORACLE)
  const head = ['', ...backends.map(({ label, version }) => (version ? `${label}<br>${version.version}` : label))]
  const columns = backends.map((backend) => new Map(cellsOf(backend, report.suites).map((cell) => [cell.suite, cell])))
  const rows = report.suites.map((suite) => [suite, ...columns.map((cells) => cellMarkdown(cells.get(suite)!))])
  const total = ['**all**', ...backends.map(({ summary }) => `**${cellMarkdown(summary)}**`)]
  const lines = [head, head.map((_, i) => (i === 0 ? '---' : ':---:')), ...rows, total]
  return `${lines.map((line) => `| ${line.join(' | ')} |`).join('\n')}\n`
}

/** The model is what databases are measured against, not one to choose. */
const ORACLE = 'model'

function cellMarkdown({ passed, failed, skipped, notRun }: Summary): string {
  if (failed > 0) return `✗ ${failed} of ${passed + failed}`
  if (passed === 0) return notRun > 0 ? 'not run' : '–'
  return skipped > 0 ? `✓ ${passed} (${skipped} n/a)` : `✓ ${passed}`
}
