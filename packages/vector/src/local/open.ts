import { availableParallelism } from 'node:os'
import { checkDimension, checkMetric, DbError, invalidInput, isDbError, type VectorMetric } from '@archon-db/core'
import { FlatIndex } from './flat.ts'
import type { Quantization } from './hnsw-protocol.ts'
import type { EngineChoice, IndexRecovery, VectorIndex } from './index-contract.ts'
import { FileRows } from './kernel/file-rows.ts'
import type { RowOptions } from './kernel/rows.ts'
import { MemoryBudget } from './memory.ts'
import { StaleFiles } from './persist/files.ts'
import { DamagedFile } from './persist/frames.ts'
import { DurableLog } from './persist/log.ts'
import type { LogHead } from './persist/record.ts'
import { LogView } from './persist/view.ts'
import { LocalVectorIndex } from './vector-index.ts'

export interface VectorIndexOptions extends RowOptions {
  readonly dimension: number
  readonly metric: VectorMetric
  /** A folder of the index's own; without it the index is in memory alone. */
  readonly path?: string
  /** Default `auto`. */
  readonly engine?: EngineChoice
  /** How the graph holds vectors. `f16` by default; scores are computed from float32 whatever this is. */
  readonly quantization?: Quantization
  /** What the content is made of, such as a table and a model. Files with another fingerprint are dropped as stale. */
  readonly fingerprint?: string
  /**
   * Whether a write waits for the disk. Default true: it survives a power failure; with false, a killed process only.
   * An index whose vectors also stand in a database does well with false.
   */
  readonly sync?: boolean
  /**
   * When another process has the folder open: `fail` with `lock_timeout` (the default), or go on in `memory` alone,
   * which suits an index whose vectors also stand in a database.
   */
  readonly ifInUse?: 'fail' | 'memory'
  /**
   * From so many components in all (rows × dimension) `auto` builds a graph. Default 4,000,000, a scan of half a
   * millisecond, and then only a graph that proves quicker is kept; with a number of your own, only recall is judged.
   */
  readonly graphFloats?: number
  /** Threads that fill the graph. Default: all cores but one, four at most. */
  readonly threads?: number
  /**
   * The most that vectors, keys and graph may take in memory; see `stats().bytes`. A write beyond it fails with
   * `unsupported` and changes nothing; a graph is given up before that. Unlimited when absent.
   */
  readonly maxMemoryBytes?: number
  /**
   * Reads the files as they are now, whoever else has them open: the vectors stay in their file and are read by
   * position, the graph is mapped, so that the keys alone take memory. Writes are refused. Needs `path`.
   */
  readonly readOnly?: boolean
}

const GRAPH_FLOATS = 4_000_000

/**
 * ```ts
 * const index = await openVectorIndex({ dimension: 384, metric: 'cosine', path: './vectors', sync: false })
 * if (index.recovery.status !== 'restored') await index.upsert(everything, mark)
 * await index.search(query, { topK: 10, filter: (key) => allowed.has(key) })
 * ```
 * One process at a time may have a folder open: see `ifInUse`.
 */
export async function openVectorIndex(options: VectorIndexOptions): Promise<VectorIndex> {
  return await openIndex(options)
}

/** With a budget the index shares that one, instead of having its own. */
export async function openIndex(options: VectorIndexOptions, budget?: MemoryBudget): Promise<LocalVectorIndex> {
  const { path, readOnly = false } = options
  if (path === undefined) {
    if (readOnly) throw invalidInput('An index that is read only needs the path of its files.')
    return newIndex(options, budget)
  }
  try {
    return await openIndexFiles(options, path, 'index', budget)
  } catch (error) {
    if (options.ifInUse === 'memory' && isDbError(error, 'lock_timeout')) {
      const index = newIndex(options, budget)
      index.recovery = { status: 'empty', reason: 'the files are in use by another process' }
      return index
    }
    const recovery = recoveryFrom(error)
    if (recovery === null) throw error
    if (readOnly) throw unreadable(error)
    await DurableLog.reset(path)
    const index = await openIndexFiles(options, path, 'index', budget)
    index.recovery = recovery
    return index
  }
}

/** Throws `StaleFiles` or `DamagedFile` where the files cannot be used. */
export async function openIndexFiles(
  options: VectorIndexOptions,
  path: string,
  kind: LogHead['kind'],
  budget?: MemoryBudget,
): Promise<LocalVectorIndex> {
  const { dimension, metric, fingerprint = '', sync = true, readOnly = false } = options
  const head: LogHead = { type: 'head', kind, dimension, metric, fingerprint }
  if (readOnly) return await openView(options, { path, head }, budget)
  const index = newIndex(options, budget)
  try {
    const log = await DurableLog.open({ path, head, sync }, index)
    index.attach(log)
    return index
  } catch (error) {
    await index.close()
    throw error instanceof StaleFiles || error instanceof DamagedFile ? error : asDbError(error)
  }
}

/** How often files may be replaced while they are being opened. */
const ATTEMPTS = 10

async function openView(
  options: VectorIndexOptions,
  files: { readonly path: string; readonly head: LogHead },
  budget: MemoryBudget | undefined,
): Promise<LocalVectorIndex> {
  for (let attempt = 1; ; attempt++) {
    const view = new LogView(files)
    const index = newIndex(options, budget, view)
    try {
      await view.restore(index)
      index.attach()
      return index
    } catch (error) {
      await index.close()
      const replaced = (error as NodeJS.ErrnoException).code === 'ENOENT' || error instanceof DamagedFile
      if (replaced && attempt < ATTEMPTS) continue
      throw error instanceof StaleFiles || error instanceof DamagedFile ? error : asDbError(error)
    }
  }
}

function unreadable(cause: unknown): DbError {
  const advice = 'Let whoever writes them open them, or check the dimension, metric and fingerprint.'
  return new DbError('unknown', `The vector index files cannot be read. ${advice}`, { cause })
}

export function newIndex(options: VectorIndexOptions, shared?: MemoryBudget, view?: LogView): LocalVectorIndex {
  checkDimension(options.dimension)
  checkMetric(options.metric)
  checkQuantization(options)
  const budget = shared ?? budgetOf(options)
  return new LocalVectorIndex({
    flat: new FlatIndex({ ...options, rows: view && new FileRows(options.dimension, view.files, options) }),
    engine: options.engine ?? 'auto',
    quantization: options.quantization ?? 'f16',
    graphFloats: options.graphFloats ?? GRAPH_FLOATS,
    judgeSpeed: options.graphFloats === undefined,
    threads: options.threads ?? Math.max(1, Math.min(4, availableParallelism() - 1)),
    budget,
    view,
  })
}

export function budgetOf({ maxMemoryBytes }: Pick<VectorIndexOptions, 'maxMemoryBytes'>): MemoryBudget | undefined {
  return maxMemoryBytes === undefined ? undefined : new MemoryBudget(maxMemoryBytes)
}

function checkQuantization({ quantization, metric }: VectorIndexOptions): void {
  if (quantization === 'i8' && metric !== 'cosine') {
    throw invalidInput('Quantization i8 holds directions alone; use it with the cosine metric, or take f16.')
  }
}

function recoveryFrom(error: unknown): IndexRecovery | null {
  if (error instanceof StaleFiles) return { status: 'stale', reason: error.message }
  if (error instanceof DamagedFile) return { status: 'damaged', reason: error.message }
  return null
}

function asDbError(error: unknown): DbError {
  if (error instanceof DbError) return error
  const { code } = error as NodeJS.ErrnoException
  const denied = code === 'EACCES' || code === 'EPERM' || code === 'EROFS'
  const hint = denied
    ? 'Check who may read and write that folder.'
    : 'Check that the path is a folder that can be written.'
  return new DbError(denied ? 'permission_denied' : 'unknown', `The vector index files could not be opened. ${hint}`, {
    cause: error,
  })
}
