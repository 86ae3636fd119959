import { type FileHandle, readdir } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { DamagedFile, FrameReader } from './frames.ts'
import { decodeRecord, type LogBatch, type LogEnd, type LogHead, type LogRecord } from './record.ts'

/** What the files were found to hold. */
export interface Restorer {
  restoreBatch(batch: LogBatch): void
  /** After the snapshot and before the journals. */
  restoreEnd(end: LogEnd): void
}

/** The files are of something else: other head, or an earlier form. */
export class StaleFiles extends Error {}

const FILE = /^(snapshot|journal|graph)-(\d{8})\.(vec|log|hnsw|tmp)$/

export interface LogFile {
  readonly name: string
  readonly kind: 'snapshot' | 'journal' | 'graph'
  readonly number: number
  readonly type: string
}

export async function listFiles(folder: string): Promise<LogFile[]> {
  const names = await readdir(folder)
  return names.flatMap((name) => {
    const match = FILE.exec(name)
    if (!match) return []
    return [{ name, kind: match[1] as LogFile['kind'], number: Number(match[2]), type: match[3] as string }]
  })
}

export function fileName(kind: LogFile['kind'], number: number, type: string): string {
  return `${kind}-${String(number).padStart(8, '0')}.${type}`
}

/** The newest snapshot, and every journal from its number on, without a gap; without a snapshot, from the first. */
export function sequenceOf(files: readonly LogFile[]): { snapshot: number | undefined; journals: number[] } {
  const numbers = (kind: string, type: string): number[] =>
    files
      .filter((file) => file.kind === kind && file.type === type)
      .map((file) => file.number)
      .sort((a, b) => a - b)
  const snapshot = numbers('snapshot', 'vec').at(-1)
  const journals = numbers('journal', 'log').filter((number) => number >= (snapshot ?? 0))
  const first = snapshot ?? 1
  const gap = journals.some((number, index) => number !== first + index)
  if (gap) throw new DamagedFile('a journal is missing')
  if (snapshot !== undefined && journals.length === 0) throw new DamagedFile('the journal of the snapshot is missing')
  return { snapshot, journals }
}

/** What files are read for. */
export interface Reading {
  readonly path: string
  readonly head: LogHead
  /** With it the entries say where their vectors stand. */
  readonly file?: number
}

export async function restoreSnapshot(file: FileHandle, reading: Reading, restorer: Restorer): Promise<void> {
  let end: LogEnd | undefined
  const { torn } = await readRecords(file, reading, (record) => {
    if (record.type === 'batch') restorer.restoreBatch(record)
    else if (record.type === 'end') end = record
  })
  if (torn || end === undefined) throw new DamagedFile('the snapshot is not complete')
  restorer.restoreEnd(movedTo(reading.path, end))
}

/** How far a file is whole, and whether anything stands behind that. */
export interface Extent {
  readonly torn: boolean
  readonly end: number
  readonly headed: boolean
}

export async function restoreJournal(
  file: FileHandle,
  last: boolean,
  reading: Reading,
  restorer: Restorer,
): Promise<Extent> {
  const extent = await readRecords(file, reading, (record) => {
    if (record.type === 'batch') restorer.restoreBatch(record)
  })
  if (!last && extent.torn) throw new DamagedFile('a journal is not complete')
  return extent
}

async function readRecords(
  file: FileHandle,
  { head, file: number }: Reading,
  take: (record: LogRecord) => void,
): Promise<Extent> {
  const { size } = await file.stat()
  const reader = new FrameReader(file, size)
  let headed = false
  for await (const payload of reader.frames()) {
    const place = number === undefined ? undefined : { file: number, at: reader.start }
    const record = decodeRecord(payload, head.dimension, place)
    if (headed) take(record)
    else checkHead(head, record)
    headed = true
  }
  return { torn: reader.end !== size, end: reader.end, headed }
}

function checkHead(head: LogHead, record: LogRecord): void {
  if (record.type !== 'head') throw new DamagedFile('a file does not begin with its head')
  const same = (Object.keys(head) as (keyof LogHead)[]).every((field) => head[field] === record[field])
  if (!same) throw new StaleFiles('the files are of another dimension, metric or fingerprint')
}

/** The folder may have been moved since the graph was saved. */
function movedTo(path: string, end: LogEnd): LogEnd {
  return end.graph ? { ...end, graph: { ...end.graph, path: join(path, basename(end.graph.path)) } } : end
}
