import type { Backend } from './backend.ts'
import type { Suite } from './behaviour.ts'
import { addSummaries, type BackendReport, type RunReport } from './results.ts'
import { type RunOptions, runBackend } from './run.ts'

export interface ConformanceOptions extends Omit<RunOptions, 'required'> {
  readonly runners: readonly Runner[]
  /** How many run at a time. Default 1, so that time limits mean the same on each. */
  readonly jobs?: number
  /** Backends that must be able to run, by name. */
  readonly required?: ReadonlySet<string>
}

/** A database or a vector store, with suites that run on it. Several may have the same name: they make one report. */
export interface Runner {
  readonly name: string
  readonly suites: readonly string[]
  /** Begins before those that do not say so. */
  readonly early?: boolean
  run(options: RunOptions): Promise<BackendReport>
}

/** Runs every suite on every backend. Reports are in the order of the runners. */
export async function runConformance({
  runners,
  jobs = 1,
  required,
  ...options
}: ConformanceOptions): Promise<RunReport> {
  const startedAt = new Date().toISOString()
  const started = performance.now()
  const reports: BackendReport[] = []
  const waiting = [...runners.entries()].sort(([, a], [, b]) => Number(b.early ?? false) - Number(a.early ?? false))
  const worker = async (): Promise<void> => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const [at, { name, run }] = next
      reports[at] = await run({ ...options, required: required?.has(name) ?? false })
    }
  }
  await Promise.all(Array.from({ length: Math.min(jobs, runners.length) }, worker))
  const backends = byName(reports)
  return {
    format: 1,
    startedAt,
    durationMs: performance.now() - started,
    seed: options.seed,
    runtime: runtimeName(),
    platform: `${process.platform} ${process.arch}`,
    suites: [...new Set(runners.flatMap((runner) => runner.suites))],
    summary: addSummaries(backends.map((report) => report.summary)),
    backends,
  }
}

/** One report a name, in the order in which the names come. */
function byName(reports: readonly BackendReport[]): BackendReport[] {
  const merged = new Map<string, BackendReport>()
  for (const report of reports) {
    const known = merged.get(report.name)
    merged.set(report.name, known ? joined(known, report) : report)
  }
  return [...merged.values()]
}

function joined(a: BackendReport, b: BackendReport): BackendReport {
  const notRun = a.notRun ?? b.notRun
  return {
    ...a,
    version: a.version ?? b.version,
    ...(notRun !== undefined && { notRun }),
    durationMs: a.durationMs + b.durationMs,
    summary: addSummaries([a.summary, b.summary]),
    behaviours: [...a.behaviours, ...b.behaviours],
  }
}

export function databaseRunner(backend: Backend, suites: readonly Suite[]): Runner {
  const own = suitesOf(backend, suites)
  const names = own.map(({ name }) => name)
  return { name: backend.name, suites: names, run: (options) => runBackend(backend, own, options) }
}

/** Those of the suites that run on this backend. */
export function suitesOf(backend: Backend, suites: readonly Suite[]): readonly Suite[] {
  return backend.suites ? suites.filter(({ name }) => backend.suites?.includes(name)) : suites
}

function runtimeName(): string {
  return process.versions.bun ? `Bun ${process.versions.bun}` : `Node ${process.versions.node}`
}

/** Those behaviours whose id holds the text; suites that keep none are left out. */
export function filterSuites<C>(suites: readonly Suite<C>[], text: string): Suite<C>[] {
  return suites
    .map(({ name, behaviours }) => ({ name, behaviours: behaviours.filter(({ id }) => id.includes(text)) }))
    .filter(({ behaviours }) => behaviours.length > 0)
}

/** The suite of that name, and those whose name goes on after it: `vector` is `vector-store` as well, but not `vectors`. */
export function suitesNamed<T extends { readonly name: string }>(suites: readonly T[], wanted: string): T[] {
  return suites.filter(({ name }) => name === wanted || name.startsWith(`${wanted}-`))
}
