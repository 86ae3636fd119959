import type { Case } from './cases.ts'
import type { Figures } from './measure.ts'

export interface CaseReport {
  readonly case: string
  readonly title: string
  readonly budget?: number
  readonly contenders: Readonly<Record<string, Figures>>
}

export interface BackendReport {
  readonly backend: string
  readonly version: string
  readonly cases: readonly CaseReport[]
  /** Set when the machine cannot run it. */
  readonly notRun?: string
}

export interface BenchReport {
  readonly startedAt: string
  readonly node: string
  readonly backends: readonly BackendReport[]
}

export function caseReport({ name, title, budget }: Case, contenders: ReadonlyMap<string, Figures>): CaseReport {
  return { case: name, title, ...(budget === undefined ? {} : { budget }), contenders: Object.fromEntries(contenders) }
}

export function verdict(report: CaseReport): string {
  const figures = report.contenders['archon-db']
  if (!figures) return ''
  const budget =
    report.budget === undefined
      ? ''
      : figures.ratio <= report.budget
        ? ` ≤ ${report.budget} ✓`
        : ` > ${report.budget} ✗`
  return `${figures.ratio.toFixed(2)}${budget}${figures.tooNoisy ? ' (too noisy to tell from the baseline)' : ''}`
}

export function line(report: CaseReport): string {
  const times = Object.entries(report.contenders).map(
    ([name, { median, ratio, spread }]) =>
      `${name} ${median.toFixed(0)} µs (${ratio.toFixed(2)}, ${spread.map((value) => value.toFixed(2)).join('–')})`,
  )
  return `  ${report.case.padEnd(18)} ${verdict(report).padEnd(24)} ${times.join('  ')}`
}

/** Rows are cases, columns backends, cells archon-db's ratio to the bare driver. */
export function markdown({ backends }: BenchReport): string {
  const run = backends.filter((backend) => !backend.notRun)
  const names = [...new Set(run.flatMap((backend) => backend.cases.map((report) => report.case)))]
  const head = ['case', ...run.map((backend) => backend.backend)]
  const rows = names.map((name) => {
    const cells = run.map((backend) => {
      const report = backend.cases.find((candidate) => candidate.case === name)
      return report ? verdict(report) : ''
    })
    const title = run.flatMap((backend) => backend.cases).find((report) => report.case === name)?.title
    return [`${name}: ${title}`, ...cells]
  })
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}

export function html(report: BenchReport): string {
  const sections = report.backends.map(section).join('\n')
  return `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>archon-db benchmarks</title>
<style>:root{color-scheme:light dark;--line:#8884}body{font:15px/1.5 system-ui;margin:2rem auto;max-width:60rem;padding:0 1rem}
.bar{height:.8rem;background:#3b82f6;border-radius:2px}.over{background:#dc2626}.base{background:#94a3b8}
table{border-collapse:collapse;width:100%}td,th{padding:.25rem .5rem;border-bottom:1px solid var(--line);text-align:left}td.plot{width:40%}</style>
<h1>archon-db benchmarks</h1><p>Ratios to the bare driver doing the same work in the same process, rounds interleaved. ${report.startedAt}, Node ${report.node}.</p>
${sections}</html>\n`
}

function section({ backend, version, cases, notRun }: BackendReport): string {
  if (notRun) return `<h2>${escapeHtml(backend)}</h2><p>not run: ${escapeHtml(notRun)}</p>`
  const rows = cases.flatMap((report) =>
    Object.entries(report.contenders).map(([name, figures], i) => row(report, name, figures, i === 0)),
  )
  return `<h2>${escapeHtml(backend)} ${escapeHtml(version)}</h2><table><tr><th>case<th>contender<th>µs (p95)<th>ratio<th>${rows.join('')}</table>`
}

function row(report: CaseReport, name: string, figures: Figures, first: boolean): string {
  const { median, p95, ratio, spread } = figures
  const over = report.budget !== undefined && name === 'archon-db' && ratio > report.budget
  const kind = first ? 'base' : over ? 'over' : ''
  const noise = figures.tooNoisy ? ' too noisy' : ''
  return `<tr><td>${first ? `<b>${escapeHtml(report.case)}</b><br>${escapeHtml(report.title)}` : ''}<td>${escapeHtml(name)}<td>${median.toFixed(0)} (${p95.toFixed(0)})<td>${ratio.toFixed(2)} <small>${spread.map((value) => value.toFixed(2)).join('–')}${noise}</small><td class="plot"><div class="bar ${kind}" style="width:${Math.min(100, ratio * 40).toFixed(1)}%"></div>`
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"]/g, (char) => `&#${char.charCodeAt(0)};`)
}
