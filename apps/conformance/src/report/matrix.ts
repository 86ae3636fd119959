import { cellsOf } from '../harness/matrix.ts'
import type { BackendReport, Outcome, RunReport, Summary } from '../harness/results.ts'
import { type Html, html } from './html.ts'
import { seconds } from './words.ts'

/** Suites downwards, backends across. */
export function matrixSection({ backends, suites }: RunReport): Html {
  const columns = backends.map((backend) => new Map(cellsOf(backend, suites).map((cell) => [cell.suite, cell])))
  const rows = suites.map(
    (suite) =>
      html`<tr><th scope="row"><a href="#suite-${suite}">${suite}</a></th>${columns.map((cells) => cell(cells.get(suite)!))}</tr>`,
  )
  return html`<section id="matrix"><h2>Backend by suite</h2>
<div class="scroll"><table class="matrix">
<thead><tr><th></th>${backends.map(columnHead)}</tr></thead>
<tbody>${rows}<tr><th scope="row">all</th>${backends.map(({ summary }) => cell(summary))}</tr></tbody>
</table></div></section>`
}

function columnHead({ label, version, durationMs, notRun }: BackendReport): Html {
  const about = version ? `${version.product} ${version.version}` : (notRun ?? '')
  return html`<th scope="col">${label}<small>${about}</small><small>${version && seconds(durationMs)}</small></th>`
}

function cell(summary: Summary): Html {
  const { passed, failed, skipped, notRun } = summary
  const details = [
    failed > 0 && `${passed} passed`,
    skipped > 0 && passed + failed > 0 && `${skipped} skipped`,
    notRun > 0 && passed + failed > 0 && `${notRun} not run`,
  ]
  const small = details.filter((text) => text !== false).join(', ')
  return html`<td class="cell ${worst(summary).replace(' ', '-')}">${headline(summary)}${small && html`<small>${small}</small>`}</td>`
}

function worst({ passed, failed, skipped }: Summary): Outcome {
  if (failed > 0) return 'failed'
  if (passed > 0) return 'passed'
  return skipped > 0 ? 'skipped' : 'not run'
}

function headline({ passed, failed, skipped }: Summary): string {
  if (failed > 0) return `${failed} failed`
  if (passed > 0) return String(passed)
  return skipped > 0 ? `${skipped} skipped` : 'not run'
}
