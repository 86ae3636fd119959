import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { CASES } from './bench/cases/index.ts'
import { insertTables } from './bench/markdown.ts'
import { page } from './bench/page.ts'
import { PEERS } from './bench/peers/index.ts'
import { type BackendReport, type BenchReport, line, type Sheet } from './bench/report.ts'
import { runBench } from './bench/run.ts'
import { SHEETS, type SheetOptions } from './bench/sheets/index.ts'
import { TARGETS } from './bench/targets.ts'

function nameOf({ backend }: (typeof TARGETS)[number]): string {
  const { name } = backend
  return name
}

const HELP = `pnpm bench [options]

  --backend a,b   some backends: ${TARGETS.map(nameOf).join(', ')}
  --case x,y      some cases: ${CASES.map((each) => each.name).join(', ')}
                  and, not ratios to a driver: ${SHEETS.map((sheet) => sheet.name).join(', ')}
                  Without --case: all ratios.
  --bare          the bare drivers and archon-db alone
  --peers a,b     further libraries: ${PEERS.map((peer) => peer.name).join(', ')}; npm installs them into the user's
                  cache folder when they are first asked for
  --rounds N      interleaved rounds a case; default 41
  --round-ms N    how long each contender works in a round; default 30
  --case-s N      seconds after which a case of long calls is cut short; default 40
  --rows N        rows of the memory case, 5 kB each; default 200000, which is 1 GB
  --sizes A,B     of the vectors case; default 10000x1536,100000x384
  --kinds A,B     of its vectors; default clustered,random
  --who A,B       of its contenders: those whose names hold one of these
  --build-s N     seconds a contender of the vectors case may take to be filled; default 900
  --json FILE     all figures
  --html FILE     the same as a page with plots
  --md FILE       tables, put between <!-- bench --> and <!-- /bench --> of FILE
  --from FILE     no run: the figures of earlier ones (--from a.json,b.json)

Every figure is a ratio to the bare driver doing the same work, in this process, on the same server.
✓ within the budget, ✗ over it, ? too close to tell, ≈ the spread is wider than the difference from the driver.
`

const { values } = parseArgs({
  options: {
    backend: { type: 'string' },
    case: { type: 'string' },
    bare: { type: 'boolean', default: false },
    peers: { type: 'string' },
    rounds: { type: 'string', default: '41' },
    'round-ms': { type: 'string', default: '30' },
    'case-s': { type: 'string', default: '40' },
    rows: { type: 'string', default: '200000' },
    sizes: { type: 'string', default: '10000x1536,100000x384' },
    kinds: { type: 'string', default: 'clustered,random' },
    who: { type: 'string', default: '' },
    'build-s': { type: 'string', default: '900' },
    json: { type: 'string' },
    html: { type: 'string' },
    md: { type: 'string' },
    from: { type: 'string' },
    help: { type: 'boolean', short: 'h' },
  },
})

function chosen<T>(all: readonly T[], names: readonly string[] | undefined, nameOf: (each: T) => string): T[] {
  return all.filter((each) => names?.includes(nameOf(each)) ?? true)
}

function refuseUnknown(names: readonly string[], known: readonly string[]): void {
  const unknown = names.filter((name) => !known.includes(name))
  if (unknown.length === 0) return
  console.error(`There is no ${unknown.join(', ')}.\n\n${HELP}`)
  process.exit(2)
}

async function main(): Promise<void> {
  if (values.help) return console.log(HELP)
  const report = values.from ? readReports(values.from.split(',')) : await run()
  if (values.json) writeFileSync(values.json, `${JSON.stringify(report, null, 2)}\n`)
  if (values.html) writeFileSync(values.html, page(report))
  if (values.md) {
    const document = existsSync(values.md) ? readFileSync(values.md, 'utf8') : ''
    writeFileSync(values.md, insertTables(document, report))
  }
}

async function run(): Promise<BenchReport> {
  const names = values.case?.split(',')
  const wanted = values.backend?.split(',')
  const sheets = names ? chosen(SHEETS, names, (each) => each.name) : []
  refuseUnknown(
    names ?? [],
    [...CASES, ...SHEETS].map((each) => each.name),
  )
  refuseUnknown(wanted ?? [], TARGETS.map(nameOf))
  const peers = values.peers?.split(',') ?? []
  refuseUnknown(
    peers,
    PEERS.map((each) => each.name),
  )
  const cases = chosen(CASES, names, (each) => each.name)
  const targets = chosen(TARGETS, wanted, nameOf)
  const startedAt = new Date().toISOString()
  const backends = cases.length === 0 ? [] : await runTargets(targets, cases, peers)
  const done: Sheet[] = []
  const options: SheetOptions = {
    targets,
    rows: Number(values.rows),
    sizes: readSizes(values.sizes),
    kinds: readKinds(values.kinds),
    who: values.who.split(','),
    buildS: Number(values['build-s']),
    log: (text) => console.log(text),
  }
  for (const sheet of sheets) done.push(...(await sheet.run(options)))
  return { startedAt, node: process.versions.node, backends, sheets: done }
}

function readSizes(text: string): SheetOptions['sizes'] {
  return text.split(',').map((size) => {
    const [count = 0, dimension = 0] = size.split('x').map(Number)
    if (!(count >= 100 && dimension >= 1)) {
      console.error(
        `A size is a number of vectors, at least 100, and their length: 10000x1536, not ${size}.\n\n${HELP}`,
      )
      process.exit(2)
    }
    return { count, dimension }
  })
}

function readKinds(text: string): SheetOptions['kinds'] {
  const wanted = text.split(',')
  refuseUnknown(wanted, ['clustered', 'random'])
  return wanted as SheetOptions['kinds'][number][]
}

async function runTargets(
  targets: typeof TARGETS,
  cases: typeof CASES,
  peers: readonly string[],
): Promise<BackendReport[]> {
  const options = {
    rounds: Number(values.rounds),
    roundMs: Number(values['round-ms']),
    caseMs: Number(values['case-s']) * 1000,
    bare: values.bare,
    peers: chosen(PEERS, peers, (each) => each.name),
    tell: (text: string) => console.log(text),
  }
  const reports: BackendReport[] = []
  for (const target of targets) {
    console.log(`\n${target.backend.label}, against ${target.driver}`)
    const report = await runBench(target, cases, options, (done) => console.log(line(done)))
    if (report.notRun) console.log(`  not run: ${report.notRun}`)
    reports.push(report)
  }
  return reports
}

/** Later figures of a case replace earlier ones. */
function readReports(files: readonly string[]): BenchReport {
  const reports = files.map((file) => JSON.parse(readFileSync(file, 'utf8')) as BenchReport)
  const backends = new Map<string, BackendReport>()
  for (const backend of reports.flatMap((report) => report.backends)) {
    const { name } = backend
    const known = backends.get(name)
    const cases = new Map([...(known?.cases ?? []), ...backend.cases].map((each) => [each.case, each]))
    backends.set(name, { ...backend, cases: [...cases.values()] })
  }
  const sheets = new Map(reports.flatMap((report) => report.sheets).map((sheet) => [sheet.title, sheet]))
  const last = reports.at(-1) as BenchReport
  return { ...last, backends: [...backends.values()], sheets: [...sheets.values()] }
}

await main()
