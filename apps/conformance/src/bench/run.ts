import { type Backend, BackendUnavailable, type RunningBackend } from '../harness/index.ts'
import type { RawDriver } from './drivers/raw.ts'
import type { Library } from './libraries/library.ts'
import { type MeasureOptions, measure, type Work } from './measure.ts'
import { type OpenPeer, openPeers, type Peer, peerWorks } from './peers/index.ts'
import { type BackendReport, type CaseReport, caseReport } from './report.ts'
import { type Case, prepareStage, type Stage, type StageData } from './stage.ts'
import type { BenchTarget } from './targets.ts'

export interface RunOptions extends MeasureOptions {
  /** The bare driver and archon-db alone. */
  readonly bare: boolean
  readonly peers: readonly Peer[]
  /** Told why a peer is not run. */
  tell(text: string): void
}

export async function runBench(
  target: BenchTarget,
  cases: readonly Case[],
  options: RunOptions,
  report: (done: CaseReport) => void,
): Promise<BackendReport> {
  const { backend, driver } = target
  const running = await startOrTell(backend)
  if (typeof running === 'string') {
    return { name: backend.name, label: backend.label, driver, version: '', cases: [], notRun: running }
  }
  const handle = await running.fresh('bench')
  const data = await prepareStage(handle.db)
  // Before the drivers open: some work on a copy of the data.
  for (const each of cases) await each.prepare?.(handle.db)
  const arena = await openArena(target, handle.url, { ...data, db: handle.db }, options)
  const reports: CaseReport[] = []
  try {
    for (const each of cases) {
      const contenders = contendersOf(each, arena)
      const added = await peerWorks(arena.peers, arena.stage, each.name, options.tell)
      const done = caseReport(each, backend.name, await measure(new Map([...contenders, ...added]), options))
      report(done)
      reports.push(done)
    }
  } finally {
    for (const { close } of [...arena.peers, ...arena.libraries, ...arena.drivers.values(), arena.stage.raw])
      await close()
    await handle.drop()
    await running.stop()
  }
  return { name: backend.name, label: backend.label, driver, version: running.version.version, cases: reports }
}

/** Why the machine cannot run it, where it cannot. */
export async function startOrTell(backend: Backend): Promise<RunningBackend | string> {
  try {
    return await backend.start()
  } catch (error) {
    if (error instanceof BackendUnavailable) return error.message
    throw error
  }
}

interface Arena {
  readonly stage: Stage
  readonly drivers: ReadonlyMap<string, RawDriver>
  readonly libraries: readonly Library[]
  readonly peers: readonly OpenPeer[]
}

async function openArena(
  target: BenchTarget,
  url: string,
  data: StageData & Pick<Stage, 'db'>,
  { bare, peers, tell }: RunOptions,
): Promise<Arena> {
  const raw = await target.raw(url, data.db)
  return {
    stage: { ...data, raw },
    drivers: new Map(Object.entries(target.drivers ?? {}).map(([name, open]) => [name, open(url)])),
    libraries: bare ? [] : await target.libraries(url, raw),
    peers: await openPeers(peers, target.backend.name, url, tell),
  }
}

function contendersOf(each: Case, { stage, drivers, libraries }: Arena): Map<string, Work> {
  const contenders = new Map([
    ['raw', each.raw(stage)],
    ['archon-db', each.archon(stage)],
  ])
  for (const [name, raw] of drivers) contenders.set(name, each.raw({ ...stage, raw }))
  for (const library of libraries) {
    for (const [variant, work] of Object.entries(library.cases(stage)[each.name] ?? {})) contenders.set(variant, work)
  }
  return contenders
}
