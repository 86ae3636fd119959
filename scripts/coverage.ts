import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { COVERED, type CoveredPackage, isCovered } from './covered-packages.ts'

const ROOT = join(import.meta.dirname, '..')
const HELP = `Usage: pnpm coverage [PACKAGE …]

Counts which lines and branches of core and of PACKAGE (${Object.keys(COVERED).join(', ')}; default sqlite)
the unit tests and the conformance suite on its backends pass through.`

const METRICS = ['statements', 'branches', 'functions', 'lines'] as const
type Metric = (typeof METRICS)[number]
type Counts = Record<Metric, { total: number; covered: number }>

const named = process.argv.slice(2)
if (named.includes('--help')) {
  console.log(HELP)
  process.exit(0)
}
const unknown = named.find((name) => !isCovered(name))
if (unknown !== undefined) {
  console.error(`There is no ${unknown}.\n\n${HELP}`)
  process.exit(2)
}
const packages = named.length > 0 ? (named as CoveredPackage[]) : (['sqlite'] as const)

const { status } = spawnSync('vitest', ['run', '--config', 'vitest.coverage.config.ts'], {
  cwd: ROOT,
  stdio: 'inherit',
  env: { ...process.env, COVERAGE_OF: packages.join() },
})
const summary = JSON.parse(readFileSync(join(ROOT, 'coverage', 'coverage-summary.json'), 'utf8')) as Record<
  string,
  Counts
>
for (const name of ['core', ...packages]) console.log(lineOf(name))
process.exit(status ?? 1)

function lineOf(name: string): string {
  const files = Object.entries(summary).filter(([file]) =>
    relative(ROOT, file).startsWith(['packages', name, ''].join(sep)),
  )
  const parts = METRICS.map((metric) => {
    const sum = (of: 'total' | 'covered'): number => files.reduce((all, [, counts]) => all + counts[metric][of], 0)
    return `${metric} ${((100 * sum('covered')) / sum('total')).toFixed(1)} %`
  })
  return `${name.padEnd(7)} ${parts.join('   ')}`
}
