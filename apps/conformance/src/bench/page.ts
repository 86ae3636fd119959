import type { Figures } from './measure.ts'
import { type BackendReport, type BenchReport, type CaseReport, cell, micros, range, type Sheet } from './report.ts'

const STYLE = `:root{color-scheme:light dark;--line:#8884;--soft:#8882;--base:#94a3b8;--own:#3b82f6;--over:#dc2626;--other:#a78bfa}
*{box-sizing:border-box}body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:64rem;padding:0 1rem}
h1{margin:0}h2{margin:2.5rem 0 .5rem}h3{margin:1.5rem 0 .25rem;font-size:1rem}h3 small{font-weight:400}
p{margin:.25rem 0}.muted{opacity:.7}
.row{display:grid;grid-template-columns:9rem 7rem 8rem 4rem 1fr;gap:.25rem .75rem;align-items:center;border-top:1px solid var(--line);padding:.15rem 0}
.number{text-align:right;font-variant-numeric:tabular-nums}
.plot{position:relative;height:1.1rem;background:linear-gradient(var(--line),var(--line)) 33.33% 0/1px 100% no-repeat,var(--soft);overflow:hidden}
.bar{position:absolute;inset:.2rem auto .2rem 0;background:var(--other)}.base{background:var(--base)}.own{background:var(--own)}.over{background:var(--over)}
.range{position:absolute;top:50%;height:2px;background:currentColor;transform:translateY(-50%)}
.table{overflow-x:auto}table{border-collapse:collapse;font-variant-numeric:tabular-nums}td,th{padding:.25rem .75rem .25rem 0;border-bottom:1px solid var(--line);text-align:left;white-space:nowrap}
@media(max-width:40rem){.row{grid-template-columns:1fr 5.5rem 6rem 3.5rem}.plot{grid-column:1/-1}}`

/** A page with plots, in one file. */
export function page(report: BenchReport): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><title>archon-db benchmarks</title><style>${STYLE}</style></head><body>
<h1>archon-db benchmarks</h1>
<p class="muted">${report.startedAt.slice(0, 16).replace('T', ' ')} UTC, Node ${escapeHtml(report.node)}</p>
<p>Each bar is a time against the bare driver's for the same work, in this process, rounds interleaved. The fine line in each plot is the driver itself, its end three times as long; the dark stroke holds half of the rounds.</p>
${report.backends.map(section).join('\n')}
${report.sheets.map(sheet).join('\n')}
</body></html>
`
}

function section({ label, version, driver, cases, notRun }: BackendReport): string {
  if (notRun) return `<h2>${escapeHtml(label)}</h2><p>Not run: ${escapeHtml(notRun)}</p>`
  return `<h2>${escapeHtml(label)} ${escapeHtml(version)}</h2><p class="muted">against ${escapeHtml(driver)}</p>${cases.map(group).join('')}`
}

function group(report: CaseReport): string {
  const budget = report.budget === undefined ? '' : `, at most ${report.budget}`
  const rows = Object.entries(report.contenders).map(([name, figures], place) => row(report, name, figures, place))
  return `<h3>${escapeHtml(report.case)}: ${escapeHtml(report.title)} <small>${escapeHtml(cell(report))}${budget}</small></h3>${rows.join('')}`
}

/** Three times the driver's time fills the plot. */
const FULL = 3

function row(report: CaseReport, name: string, figures: Figures, place: number): string {
  const { median, p95, ratio, spread, tooNoisy } = figures
  const own = name === 'archon-db'
  const over = own && report.budget !== undefined && ratio > report.budget
  const kind = place === 0 ? 'base' : over ? 'over' : own ? 'own' : ''
  const [from, to] = spread.map((value) => Math.min(100, (value / FULL) * 100)) as [number, number]
  const title = `spread ${range(spread)}${tooNoisy ? ', too noisy to tell from the driver' : ''}`
  return `<div class="row" title="${title}"><span>${escapeHtml(name)}</span><span class="number">${micros(median)} µs</span><span class="number muted">p95 ${micros(p95)}</span><span class="number">${ratio.toFixed(2)}${tooNoisy ? ' ≈' : ''}</span><span class="plot"><span class="bar ${kind}" style="width:${Math.min(100, (ratio / FULL) * 100).toFixed(1)}%"></span>${place === 0 ? '' : `<span class="range" style="left:${from.toFixed(1)}%;width:${(to - from).toFixed(1)}%"></span>`}</span></div>`
}

function sheet({ title, columns, rows, note }: Sheet): string {
  const cells = (tag: string, values: readonly string[]): string =>
    `<tr>${values.map((value) => `<${tag}>${escapeHtml(value)}</${tag}>`).join('')}</tr>`
  const body = rows.map((values) => cells('td', values)).join('')
  return `<h2>${escapeHtml(title)}</h2><div class="table"><table>${cells('th', columns)}${body}</table></div>${note ? `<p class="muted">${escapeHtml(note)}</p>` : ''}`
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"]/g, (char) => `&#${char.charCodeAt(0)};`)
}
