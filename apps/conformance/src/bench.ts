import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { CASES } from './bench/cases.ts'
import { type BackendReport, type BenchReport, html, line, markdown } from './bench/report.ts'
import { runBench } from './bench/run.ts'
import { TARGETS } from './bench/targets.ts'

const HELP = `pnpm bench [options]

  --backend a,b   some backends: ${TARGETS.map((target) => target.backend.name).join(', ')}
  --case x,y      some cases: ${CASES.map((each) => each.name).join(', ')}
  --rounds N      interleaved rounds a case; default 15
  --round-ms N    how long each contender works in a round; default 60
  --json FILE     all figures
  --html FILE     the same as a page with plots
  --md FILE       archon-db's ratios as a Markdown table

Every figure is a ratio to the bare driver doing the same work, in this process, on the same server.
`

const { values } = parseArgs({
  options: {
    backend: { type: 'string' },
    case: { type: 'string' },
    rounds: { type: 'string', default: '15' },
    'round-ms': { type: 'string', default: '60' },
    json: { type: 'string' },
    html: { type: 'string' },
    md: { type: 'string' },
    help: { type: 'boolean', short: 'h' },
  },
})

function chosen<T>(all: readonly T[], names: string | undefined, nameOf: (each: T) => string): T[] {
  const wanted = names?.split(',')
  const unknown = wanted?.filter((name) => !all.some((each) => nameOf(each) === name)) ?? []
  if (unknown.length > 0) {
    console.error(`There is no ${unknown.join(', ')}.\n\n${HELP}`)
    process.exit(2)
  }
  return all.filter((each) => wanted?.includes(nameOf(each)) ?? true)
}

async function main(): Promise<void> {
  if (values.help) return console.log(HELP)
  const cases = chosen(CASES, values.case, (each) => each.name)
  const backends: BackendReport[] = []
  for (const target of chosen(TARGETS, values.backend, (each) => each.backend.name)) {
    console.log(`\n${target.backend.label}`)
    const report = await runBench(
      target,
      cases,
      { rounds: Number(values.rounds), roundMs: Number(values['round-ms']) },
      (done) => console.log(line(done)),
    )
    if (report.notRun) console.log(`  not run: ${report.notRun}`)
    backends.push(report)
  }
  const report: BenchReport = { startedAt: new Date().toISOString(), node: process.versions.node, backends }
  if (values.json) writeFileSync(values.json, `${JSON.stringify(report, null, 2)}\n`)
  if (values.html) writeFileSync(values.html, html(report))
  if (values.md) writeFileSync(values.md, `${markdown(report)}\n`)
}

await main()
