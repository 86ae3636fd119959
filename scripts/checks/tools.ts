/** Runs the tools behind each check and turns what they leave behind into counts. */
import { spawn } from 'node:child_process'
import { existsSync, globSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { dirname, join } from 'node:path'
import type { Writable } from 'node:stream'
import { finished } from 'node:stream/promises'
import { type Counts, conformanceCounts, FAILED, PASSED, turboCounts, vitestCounts, withExitCode } from './counts.ts'

export const ROOT: string = join(import.meta.dirname, '..', '..')
export const CONFORMANCE = 'apps/conformance/src/cli.ts'
/** Suites and tests often wait, but more of them at a time would keep each other from their time limits. */
const CORES = availableParallelism()
const SUITES_AT_A_TIME = String(Math.min(4, CORES + 1))
const TESTS_AT_A_TIME = String(Math.min(4, CORES))
/** What checks leave behind for each other and for people. */
export const REPORTS: string = join(ROOT, 'node_modules', '.cache', 'archon-db')

/** Nothing is sent anywhere, and no tool looks for a newer version of itself. */
const QUIET = { TURBO_TELEMETRY_DISABLED: '1', DO_NOT_TRACK: '1', TURBO_NO_UPDATE_NOTIFIER: '1' }

/** Runs it, writes what it has to say, and counts. */
export type Run = (output: Writable) => Promise<Counts>

/** A tool that says yes or no: one check. */
export function tool(name: string, ...args: string[]): Run {
  return async (output) => ((await pnpmExec(output, name, args)) === 0 ? PASSED : FAILED)
}

/** A script of this workspace that says yes or no. */
export function script(file: string, ...args: string[]): Run {
  return async (output) => ((await node(output, file, ...args)) === 0 ? PASSED : FAILED)
}

/** What was built, as Node finds it without the condition that leads to the sources. */
export function published(): Run {
  const file = 'apps/conformance/src/published.ts'
  return async (output) => ((await start(output, process.execPath, [file], false)) === 0 ? PASSED : FAILED)
}

/** The same task in every package, in the order and in parallel as turbo.json says: one check for each. */
export function turbo(tasks: readonly string[], packages: readonly string[] = []): Run {
  const filters = packages.map((name) => `--filter=${name}`)
  const options = ['--continue=always', '--output-logs=errors-only', '--log-order=grouped', '--summarize']
  return async (output) => {
    const before = new Set(turboSummaries())
    const exitCode = await pnpmExec(output, 'turbo', ['run', ...tasks, ...filters, ...options])
    const summary = turboSummaries().find((path) => !before.has(path))
    if (summary === undefined) return FAILED
    const counts = turboCounts(readJson(summary), tasks)
    rmSync(summary)
    return withExitCode(counts, exitCode)
  }
}

export function vitest(): Run {
  return counted('vitest.json', vitestCounts, (output, report) => {
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
    return pnpmExec(output, 'vitest', ['run', `--maxWorkers=${TESTS_AT_A_TIME}`, ...reporters])
  })
}

/** The suites, each behaviour counted. */
export function conformance(): Run {
  return counted('conformance.json', conformanceCounts, (output, report) =>
    node(output, CONFORMANCE, '--jobs', SUITES_AT_A_TIME, '--json', report),
  )
}

/** Each broken database counted. */
export function mutants(): Run {
  return counted('mutants.json', conformanceCounts, (output, report) =>
    node(output, CONFORMANCE, 'mutants', '--json', report),
  )
}

/** The same under the other runtime that the packages are for. */
export function conformanceUnderBun(...args: string[]): Run {
  return counted('bun.json', conformanceCounts, (output, report) =>
    pnpmExec(output, 'bun', ['--conditions=archon-db-source', CONFORMANCE, ...args, '--json', report]),
  )
}

/** What a tool writes into its report, or a failure where it wrote none. */
function counted(
  name: string,
  count: (report: unknown) => Counts,
  run: (output: Writable, report: string) => Promise<number>,
): Run {
  return async (output) => {
    const report = freshReport(name)
    const exitCode = await run(output, report)
    return existsSync(report) ? withExitCode(count(readJson(report)), exitCode) : FAILED
  }
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

function node(output: Writable, file: string, ...args: string[]): Promise<number> {
  return start(output, process.execPath, ['--conditions=archon-db-source', file, ...args], false)
}

function pnpmExec(output: Writable, name: string, args: readonly string[]): Promise<number> {
  return start(output, 'pnpm', ['exec', name, ...args], process.platform === 'win32')
}

async function start(output: Writable, command: string, args: readonly string[], shell: boolean): Promise<number> {
  const colours = process.stdout.isTTY && process.stdout.hasColors() ? { FORCE_COLOR: '1' } : {}
  const env = { ...process.env, ...colours, ...QUIET }
  const child = spawn(command, args, { cwd: ROOT, stdio: ['inherit', 'pipe', 'pipe'], shell, env })
  const streams = [child.stdout, child.stderr].map((stream) =>
    finished(stream.on('data', (chunk) => output.write(chunk))),
  )
  const exitCode = await new Promise<number>((resolve) => {
    child.once('error', (error) => {
      output.write(`Could not run ${command}: ${error.message}\n`)
      resolve(1)
    })
    child.once('exit', (code) => resolve(code ?? 1))
  })
  await Promise.allSettled(streams)
  return exitCode
}
