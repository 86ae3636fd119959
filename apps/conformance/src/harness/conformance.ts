import type { Backend } from './backend.ts'
import type { Suite } from './behaviour.ts'
import { addSummaries, type BackendReport, type RunReport } from './results.ts'
import { type RunOptions, runBackend } from './run.ts'

export interface ConformanceOptions extends Omit<RunOptions, 'required'> {
  readonly backends: readonly Backend[]
  readonly suites: readonly Suite[]
  /** Backends that must be able to run, by name. */
  readonly required?: ReadonlySet<string>
}

/** Runs every suite on every backend, one after the other, so that time limits mean the same on each. */
export async function runConformance({
  backends,
  suites,
  required,
  ...options
}: ConformanceOptions): Promise<RunReport> {
  const startedAt = new Date().toISOString()
  const started = performance.now()
  const reports: BackendReport[] = []
  for (const backend of backends) {
    const { name } = backend
    reports.push(await runBackend(backend, suites, { ...options, required: required?.has(name) ?? false }))
  }
  return {
    format: 1,
    startedAt,
    durationMs: performance.now() - started,
    seed: options.seed,
    runtime: runtimeName(),
    platform: `${process.platform} ${process.arch}`,
    suites: suites.map((suite) => suite.name),
    summary: addSummaries(reports.map((report) => report.summary)),
    backends: reports,
  }
}

function runtimeName(): string {
  return process.versions.bun ? `Bun ${process.versions.bun}` : `Node ${process.versions.node}`
}

/** Those behaviours whose id holds the text; suites that keep none are left out. */
export function filterSuites(suites: readonly Suite[], text: string): Suite[] {
  return suites
    .map(({ name, behaviours }) => ({ name, behaviours: behaviours.filter(({ id }) => id.includes(text)) }))
    .filter(({ behaviours }) => behaviours.length > 0)
}
