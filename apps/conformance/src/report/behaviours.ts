import type { BackendReport, BehaviourResult, Outcome, RunReport } from '../harness/results.ts'
import { type Html, html } from './html.ts'
import { count, seconds } from './words.ts'

const MARKS: Readonly<Record<Outcome, string>> = { passed: '✓', failed: '✗', skipped: '–', 'not run': '?' }
/** What needs attention stands first. */
const ATTENTION: readonly Outcome[] = ['failed', 'not run', 'skipped', 'passed']

/** One behaviour on all backends. */
interface Row {
  readonly id: string
  readonly results: readonly { readonly backend: BackendReport; readonly result: BehaviourResult }[]
}

/** Every behaviour with its outcome on each backend, to search through. */
export function behavioursSection({ backends, suites }: RunReport): Html {
  const rows = rowsOf(backends)
  return html`<section id="behaviours"><h2>Every behaviour</h2>
<div class="tools">
<input type="search" id="search" placeholder="Filter by name, backend, reason …" aria-label="Filter behaviours">
<select id="outcome" aria-label="Outcome"><option value="">any outcome</option>${ATTENTION.map((outcome) => html`<option value="${outcome.replace(' ', '-')}">${outcome}</option>`)}</select>
<output id="shown" data-all="${rows.length}">${count(rows.length, 'behaviour')}</output>
</div>
${suites.map((suite) =>
  suiteBlock(
    suite,
    rows.filter(({ id }) => id.startsWith(`${suite}/`)),
  ),
)}</section>`
}

function rowsOf(backends: readonly BackendReport[]): Row[] {
  const all = backends.flatMap((backend) => backend.behaviours.map((result) => ({ backend, result })))
  const byId = Map.groupBy(all, ({ result }) => result.id)
  const rows = [...byId].map(([id, results]): Row => ({ id, results }))
  return rows.sort((a, b) => attention(a) - attention(b) || (a.id < b.id ? -1 : 1))
}

function attention({ results }: Row): number {
  return results.some(({ result }) => result.outcome === 'failed') ? 0 : 1
}

function suiteBlock(suite: string, rows: readonly Row[]): Html | null {
  if (rows.length === 0) return null
  const hasFailed = rows.some((row) => attention(row) === 0)
  return html`<details class="suite" id="suite-${suite}"${hasFailed && html` open`}>
<summary>${suite}<span>${count(rows.length, 'behaviour')}</span></summary>
${rows.map(behaviourRow)}
</details>`
}

function behaviourRow({ id, results }: Row): Html {
  const outcomes = [...new Set(results.map(({ result }) => result.outcome.replace(' ', '-')))].join(' ')
  const texts = results.flatMap(({ backend, result }) => [
    backend.label,
    backend.name,
    result.reason,
    ...(result.notes ?? []),
  ])
  const text = [id, ...new Set(texts)].filter(Boolean).join(' ').toLowerCase()
  return html`<details class="behaviour" data-outcomes="${outcomes}" data-text="${text}">
<summary><code>${id.slice(id.indexOf('/') + 1)}</code><span class="marks">${results.map(mark)}</span></summary>
<ul class="results">${results.map(resultLine)}</ul>
</details>`
}

function mark({ backend, result }: Row['results'][number]): Html {
  const { outcome } = result
  return html`<span class="mark ${outcome.replace(' ', '-')}" title="${backend.label}: ${outcome}">${MARKS[outcome]}</span>`
}

function resultLine({ backend, result }: Row['results'][number]): Html {
  const { outcome, durationMs, reason, notes = [], otherwise, error } = result
  const remarks = [
    outcome === 'passed' || outcome === 'failed' ? seconds(durationMs) : undefined,
    otherwise && 'what is documented where the trait is absent',
    reason,
    ...notes,
    error?.message.split('\n', 1)[0],
  ].filter(Boolean)
  return html`<li><b>${backend.label}</b> ${outcome}${remarks.length > 0 && `, ${remarks.join('; ')}`}</li>`
}
