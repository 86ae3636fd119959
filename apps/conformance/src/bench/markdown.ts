import { type BackendReport, type BenchReport, cell, type Sheet } from './report.ts'

const MARK = /<!-- bench -->[\s\S]*<!-- \/bench -->/

/** Puts the tables where the document has a place for them. */
export function insertTables(document: string, report: BenchReport): string {
  const tables = `<!-- bench -->\n${markdown(report)}\n<!-- /bench -->`
  return MARK.test(document) ? document.replace(MARK, () => tables) : `${document.trimEnd()}\n\n${tables}\n`
}

/** Rows are cases, columns backends, cells archon-db's ratio to the bare driver. */
function markdown(report: BenchReport): string {
  const run = report.backends.filter((backend) => !backend.notRun)
  const skipped = report.backends.filter((backend) => backend.notRun)
  return [
    `${report.startedAt.slice(0, 10)}, Node ${report.node}.`,
    ...(run.length > 0 ? [ratios(run)] : []),
    ...run.flatMap(contenders),
    ...skipped.map((backend) => `Not run: ${backend.label} (${backend.notRun}).`),
    ...report.sheets.map(sheet),
  ].join('\n\n')
}

function ratios(run: readonly BackendReport[]): string {
  const cases = new Map(run.flatMap((backend) => backend.cases).map((each) => [each.case, each.title]))
  const head = ['archon-db ÷', ...run.map(({ label, version, driver }) => `${label} ${version}<br>${driver}`)]
  const rows = [...cases].map(([name, title]) => {
    const cells = run.map((backend) => backend.cases.find((each) => each.case === name))
    return [`${name}: ${title}`, ...cells.map((each) => (each ? cell(each) : ''))]
  })
  return table(head, rows)
}

/** Everybody's ratios, folded up, where others than the driver took part. */
function contenders({ label, driver, cases }: BackendReport): string[] {
  const names = [...new Set(cases.flatMap((each) => Object.keys(each.contenders).slice(1)))]
  if (names.length < 2) return []
  const rows = cases.map((each) => [each.case, ...names.map((name) => each.contenders[name]?.ratio.toFixed(2) ?? '')])
  return [
    `<details><summary>${label}: other libraries ÷ ${driver}</summary>\n\n${table(['case', ...names], rows)}\n\n</details>`,
  ]
}

function sheet({ title, columns, rows, note }: Sheet): string {
  return [`**${title}**`, table(columns, rows), ...(note ? [note] : [])].join('\n\n')
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}
