import { type Backend, BackendUnavailable } from '../harness/index.ts'
import { type Case, prepare, type Stage } from './cases.ts'
import type { Library } from './libraries.ts'
import { type MeasureOptions, measure, type Work } from './measure.ts'
import type { RawDriver } from './raw.ts'
import { type BackendReport, type CaseReport, caseReport } from './report.ts'

export interface BenchTarget {
  readonly backend: Backend
  raw(url: string): RawDriver
  /** Other libraries on the same database, as far as they are compared. */
  libraries(url: string): Promise<Library[]>
}

export async function runBench(
  target: BenchTarget,
  cases: readonly Case[],
  options: MeasureOptions,
  report: (done: CaseReport) => void,
): Promise<BackendReport> {
  const { backend } = target
  const running = await backend.start().catch((error: unknown) => {
    if (error instanceof BackendUnavailable) return error.message
    throw error
  })
  if (typeof running === 'string') return { backend: backend.label, version: '', cases: [], notRun: running }
  const handle = await running.fresh('bench')
  const raw = target.raw(handle.url)
  const libraries = await target.libraries(handle.url)
  try {
    const stage: Stage = { db: handle.db, raw, ...(await prepare(handle.db)) }
    const reports: CaseReport[] = []
    for (const each of cases) {
      const done = caseReport(each, await measure(contendersOf(each, stage, libraries), options))
      report(done)
      reports.push(done)
    }
    return { backend: backend.label, version: running.version.version, cases: reports }
  } finally {
    for (const library of libraries) await library.close()
    await raw.close()
    await handle.drop()
    await running.stop()
  }
}

function contendersOf(each: Case, stage: Stage, libraries: readonly Library[]): Map<string, Work> {
  const contenders = new Map([
    ['raw', each.raw(stage)],
    ['archon-db', each.archon(stage)],
  ])
  for (const library of libraries) {
    for (const [variant, work] of Object.entries(library.cases(stage)[each.name] ?? {})) contenders.set(variant, work)
  }
  return contenders
}
