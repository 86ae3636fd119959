import { readFileSync } from 'node:fs'
import type { BackendReport, BehaviourResult, RunReport } from '../harness/results.ts'
import { behavioursSection } from './behaviours.ts'
import { type Html, html, Html as Markup } from './html.ts'
import { matrixSection } from './matrix.ts'
import { count, seconds } from './words.ts'

/** The whole report as one page that needs nothing else: no server, no network. */
export function htmlReport(report: RunReport): string {
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${verdict(report)} · archon-db conformance</title>
<link rel="icon" href="data:,">
<style>${asset('page.css')}</style>
</head>
<body>
<main>
${header(report)}
${failuresSection(report.backends)}
${matrixSection(report)}
${skippedSection(report.backends)}
${behavioursSection(report)}
<footer>A backend that could not run is shown as not run, never as passed. Skips come from declared traits only.</footer>
</main>
<script type="module">${asset('page.js')}</script>
</body>
</html>
`
  return page.text
}

function asset(name: string): Html {
  return new Markup(readFileSync(new URL(name, import.meta.url), 'utf8'))
}

function verdict({ summary }: RunReport): string {
  if (summary.failed > 0) return `${count(summary.failed, 'behaviour')} failed`
  return summary.passed > 0 ? 'Everything that ran passed' : 'Nothing ran'
}

function header(report: RunReport): Html {
  const { summary, startedAt, durationMs, seed, runtime, platform } = report
  const tiles = [
    ['passed', summary.passed],
    ['failed', summary.failed],
    ['skipped', summary.skipped],
    ['not run', summary.notRun],
  ] as const
  return html`<header>
<h1>${verdict(report)}</h1>
<p class="lead">archon-db conformance: ${count(report.suites.length, 'suite')}, written once, on ${count(report.backends.length, 'backend')}</p>
<div class="tiles">${tiles.map(([name, number]) => html`<div class="tile ${name.replace(' ', '-')} ${number > 0 && 'some'}"><b>${number.toLocaleString('en')}</b><span>${name}</span></div>`)}</div>
<dl class="facts">
<div><dt>Started</dt><dd><time datetime="${startedAt}">${startedAt.slice(0, 16).replace('T', ' ')} UTC</time></dd></div>
<div><dt>Took</dt><dd>${seconds(durationMs)}</dd></div>
<div><dt>Runtime</dt><dd>${runtime}, ${platform}</dd></div>
<div><dt>Repeat with</dt><dd><code>pnpm conformance --seed ${seed}</code></dd></div>
</dl>
</header>`
}

function failuresSection(backends: readonly BackendReport[]): Html | null {
  const failures = backends.flatMap((backend) =>
    backend.behaviours.filter(({ outcome }) => outcome === 'failed').map((result) => failure(backend, result)),
  )
  return failures.length === 0 ? null : html`<section id="failures"><h2>What failed</h2>${failures}</section>`
}

function failure({ label }: BackendReport, { id, error, durationMs }: BehaviourResult): Html {
  return html`<article class="failure">
<h3>${id}</h3>
<p>${label}, after ${seconds(durationMs)}${error?.code && html`, <code>${error.code}</code>`}</p>
<pre>${error?.message}</pre>
${error?.stack && html`<details><summary>Where it came up</summary><pre>${error.stack}</pre></details>`}
</article>`
}

function skippedSection(backends: readonly BackendReport[]): Html | null {
  const rows = backends.flatMap(({ label, behaviours }) => {
    const left = behaviours.filter(({ outcome }) => outcome === 'skipped' || outcome === 'not run')
    const byReason = Map.groupBy(left, ({ outcome, reason }) => `${outcome}: ${reason ?? ''}`)
    return [...byReason].map(
      ([reason, results]) => html`<tr><td>${label}</td><td>${results.length}</td><td>${reason}</td></tr>`,
    )
  })
  if (rows.length === 0) return null
  return html`<section id="skipped"><h2>What was not asked of whom</h2>
<div class="scroll"><table><thead><tr><th>Backend</th><th>Behaviours</th><th>Why</th></tr></thead><tbody>${rows}</tbody></table></div></section>`
}
