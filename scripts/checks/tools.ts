/** Runs the tools behind each check and turns what they leave behind into counts. */
import { spawnSync } from 'node:child_process'
import { existsSync, globSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { dirname, join } from 'node:path'
import { type Counts, conformanceCounts, FAILED, PASSED, turboCounts, vitestCounts, withExitCode } from './counts.ts'

export const ROOT: string = join(import.meta.dirname, '..', '..')
export const CONFORMANCE = 'apps/conformance/src/cli.ts'
/** Suites often wait, but more of them at a time would keep each other from their time limits. */
const JOBS = String(Math.min(4, availableParallelism() + 1))
const REPORTS = join(ROOT, 'node_modules', '.cache', 'archon-db')

/** Nothing is sent anywhere, and no tool looks for a newer version of itself. */
const QUIET = { TURBO_TELEMETRY_DISABLED: '1', DO_NOT_TRACK: '1', TURBO_NO_UPDATE_NOTIFIER: '1' }

/** A tool that says yes or no: one check. */
export function tool(name: string, ...args: string[]): Counts {
  return pnpmExec(name, args) === 0 ? PASSED : FAILED
}

/** A script of this workspace that says yes or no. */
export function script(file: string, ...args: string[]): Counts {
  return node(file, ...args) === 0 ? PASSED : FAILED
}

/** The same task in every package, in the order and in parallel as turbo.json says: one check for each. */
export function turbo(tasks: readonly string[], packages: readonly string[] = []): Counts {
  const filters = packages.map((name) => `--filter=${name}`)
  const before = new Set(turboSummaries())
  const exitCode = pnpmExec('turbo', [
    'run',
    ...tasks,
    ...filters,
    '--continue=always',
    '--output-logs=errors-only',
    '--log-order=grouped',
    '--summarize',
  ])
  const summary = turboSummaries().find((path) => !before.has(path))
  if (summary === undefined) return FAILED
  const counts = turboCounts(readJson(summary), tasks)
  rmSync(summary)
  return withExitCode(counts, exitCode)
}

export function vitest(): Counts {
  const report = freshReport('vitest.json')
  const exitCode = pnpmExec('vitest', ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`])
  return existsSync(report) ? withExitCode(vitestCounts(readJson(report)), exitCode) : FAILED
}

/** The suites, or a subcommand of theirs, each behaviour counted. */
export function conformance(...args: string[]): Counts {
  return counted((report) => node(CONFORMANCE, ...args, '--jobs', JOBS, '--json', report))
}

/** The same under the other runtime that the packages are for. */
export function conformanceUnderBun(...args: string[]): Counts {
  return counted((report) => pnpmExec('bun', ['--conditions=archon-db-source', CONFORMANCE, ...args, '--json', report]))
}

function counted(run: (report: string) => number): Counts {
  const report = freshReport('conformance.json')
  const exitCode = run(report)
  return existsSync(report) ? withExitCode(conformanceCounts(readJson(report)), exitCode) : FAILED
}

function turboSummaries(): string[] {
  return globSync('.turbo/runs/*.json', { cwd: ROOT }).map((path) => join(ROOT, path))
}

function freshReport(name: string): string {
  const path = join(REPORTS, name)
  mkdirSync(dirname(path), { recursive: true })
  rmSync(path, { force: true })
  return path
}

function readJson(path: string): unknown {
  return JSON.parse(readFileSync(path, 'utf8'))
}

function node(file: string, ...args: string[]): number {
  return spawn(process.execPath, ['--conditions=archon-db-source', file, ...args], false)
}

function pnpmExec(name: string, args: readonly string[]): number {
  return spawn('pnpm', ['exec', name, ...args], process.platform === 'win32')
}

function spawn(command: string, args: readonly string[], shell: boolean): number {
  const result = spawnSync(command, args, { cwd: ROOT, stdio: 'inherit', shell, env: { ...process.env, ...QUIET } })
  if (result.error) console.error(`Could not run ${command}: ${result.error.message}`)
  return result.status ?? 1
}
