/** `pnpm conformance`: runs the suites on the backends and says what came of it. */
import { writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { BACKENDS } from './backends/index.ts'
import { databaseRunner, runConformance, suitesOf } from './harness/conformance.ts'
import type { Suite } from './harness/index.ts'
import { finalLine, mutantLine, Progress } from './harness/progress.ts'
import type { BehaviourResult, RunReport } from './harness/results.ts'
import { inProcesses } from './jobs.ts'
import { MUTANTS } from './mutants/index.ts'
import { runMutants } from './mutants/run.ts'
import { matrixMarkdown } from './report/markdown.ts'
import { htmlReport } from './report/page.ts'
import { type ChosenSuites, choose, chosenBackends, chosenSuites, UsageError } from './selection.ts'
import { STORES } from './vector-stores/index.ts'
import { storeRunner } from './vector-stores/subject.ts'

const HELP = `pnpm conformance [options]            runs the suites
pnpm conformance mutants [options]    demands that the suites find out every broken database

  --backend a,b      some databases: ${BACKENDS.map(({ name }) => name).join(', ')}
                     or vector stores: ${STORES.map(({ name }) => name).join(', ')}
  --suite x,y        some suites; "vector" is also every suite whose name begins with "vector-"
  --filter TEXT      behaviours whose id holds the text
  --seed N           repeats the order and the random data of an earlier run
  --bail             stops at the first failure
  --jobs N           N processes at a time, each with suites of one backend; default 1, and 1 with --bail
  --json FILE        every behaviour and its outcome
  --html FILE        the same as one page to look at
  --matrix-md FILE   the support matrix, as Markdown
  --mutant m,n       some mutants
  --list             the ids of all behaviours`

const OPTIONS = {
  backend: { type: 'string' },
  suite: { type: 'string' },
  filter: { type: 'string' },
  seed: { type: 'string' },
  bail: { type: 'boolean' },
  jobs: { type: 'string' },
  json: { type: 'string' },
  html: { type: 'string' },
  'matrix-md': { type: 'string' },
  mutant: { type: 'string' },
  list: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const

try {
  process.exitCode = await main()
} catch (error) {
  console.error(error instanceof UsageError ? `${error.message}\n\n${HELP}` : error)
  process.exitCode = 2
}

async function main(): Promise<number> {
  const { values, positionals } = readArguments()
  if (values.help) return say(HELP)
  const [command] = positionals
  if (command !== undefined && command !== 'mutants') throw new UsageError(`There is no command ${command}.`)
  const suites = chosenSuites(values)
  if (values.list) return say([...suites.databases, ...suites.stores].flatMap(idsOf).join('\n'))
  return command === 'mutants' ? mutants(values, suites.databases) : conformance(values, suites)
}

function idsOf({ behaviours }: { readonly behaviours: readonly { readonly id: string }[] }): string[] {
  return behaviours.map(({ id }) => id)
}

type Values = ReturnType<typeof readArguments>['values']

function readArguments() {
  const args = process.argv.slice(2).filter((argument) => argument !== '--')
  try {
    return parseArgs({ args, options: OPTIONS, allowPositionals: true })
  } catch (error) {
    throw new UsageError((error as Error).message)
  }
}

function say(text: string): number {
  console.log(text)
  return 0
}

async function conformance(values: Values, suites: ChosenSuites): Promise<number> {
  const { backends, stores } = chosenBackends(values.backend, suites)
  const named = values.backend !== undefined || isSet(process.env.CI)
  const progress = new Progress(process.stdout)
  const common = {
    seed: readSeed(values.seed),
    bail: values.bail ?? false,
    required: new Set(named ? [...backends, ...stores].map(({ name }) => name) : []),
    onBackend: progress.backend.bind(progress),
    onResult: progress.result.bind(progress),
  }
  const jobs = values.bail ? 1 : readCount('jobs', values.jobs, 1)
  const runners =
    jobs > 1
      ? [
          ...backends.flatMap((backend) => inProcesses(backend, suitesOf(backend, suites.databases), values.filter)),
          ...stores.flatMap((store) => inProcesses(store, suites.stores, values.filter)),
        ]
      : [
          ...backends.map((backend) => databaseRunner(backend, suites.databases)),
          ...stores.map((store) => storeRunner(store, suites.stores)),
        ]
  const report = await runConformance({ ...common, runners, jobs })
  progress.report(report)
  await writeReports(values, report)
  console.log(finalLine(report.summary))
  // A run in which nothing could run has shown nothing.
  return report.summary.failed > 0 || report.summary.passed === 0 ? 1 : 0
}

async function writeReports(values: Values, report: RunReport): Promise<void> {
  if (values.json) await writeFile(values.json, `${JSON.stringify(report, null, 1)}\n`)
  if (values.html) await writeFile(values.html, htmlReport(report))
  if (values['matrix-md']) await writeFile(values['matrix-md'], matrixMarkdown(report))
}

/** The model is the fastest backend, and shows the suites' sharpness as well as any other. */
async function mutants(values: Values, suites: readonly Suite[]): Promise<number> {
  const [backend] = choose('backend', values.backend ?? 'model', BACKENDS)
  const chosen = values.mutant === undefined ? MUTANTS : choose('mutant', values.mutant, MUTANTS)
  const seed = readSeed(values.seed)
  console.log(`${chosen.length} mutants of ${backend?.label}, seed ${seed}`)
  const onResult = (result: BehaviourResult): void => console.log(mutantLine(result))
  const report = await runMutants({ backend: backend!, suites, mutants: chosen, seed, onResult })
  if (values.json) await writeFile(values.json, `${JSON.stringify({ ...report, seed }, null, 1)}\n`)
  console.log(finalLine(report.summary))
  return report.summary.failed > 0 ? 1 : 0
}

function readSeed(text: string | undefined): number {
  return readCount('seed', text, Math.floor(Math.random() * 2 ** 31), 0)
}

function readCount(option: string, text: string | undefined, fallback: number, least = 1): number {
  const count = Number(text ?? fallback)
  if (Number.isSafeInteger(count) && count >= least) return count
  throw new UsageError(`--${option} takes a whole number from ${least}.`)
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== '' && value !== 'false' && value !== '0'
}
