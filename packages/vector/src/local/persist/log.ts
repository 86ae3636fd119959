import { type FileHandle, mkdir, open, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { DbError } from '@archon-db/core'
import { DamagedFile, encodeFrame, FrameReader, MAGIC } from './frames.ts'
import { lockFolder } from './lock.ts'
import { decodeRecord, encodeRecord, type LogBatch, type LogEnd, type LogHead, type LogRecord } from './record.ts'

export interface LogOptions {
  readonly path: string
  readonly head: LogHead
  /** Waits for the disk before a write counts as done; without it, for the operating system. */
  readonly sync: boolean
}

/** What the files were found to hold. */
export interface Restorer {
  restoreBatch(batch: LogBatch): void
  /** After the snapshot and before the journals. */
  restoreEnd(end: LogEnd): void
}

/** The files are of something else: other head, or an earlier form. */
export class StaleFiles extends Error {}

const FILE = /^(snapshot|journal|graph)-(\d{8})\.(vec|log|hnsw|tmp)$/

/**
 * State on disk: numbered snapshots, and journals of what was written since. Journal N goes on where snapshot N
 * begins; a new number starts a new journal first, then writes the snapshot beside it, then drops the older files.
 * So whenever a crash comes, the newest whole snapshot and the journals from its number on hold everything.
 */
export class DurableLog {
  /** Of the current journal. */
  bytes = 0
  readonly #options: LogOptions
  readonly #unlock: () => void
  #generation = 0
  #journal: FileHandle | undefined
  #broken = false

  private constructor(options: LogOptions, unlock: () => void) {
    this.#options = options
    this.#unlock = unlock
  }

  /** Restores what is there. Throws `DamagedFile` or `StaleFiles`; `reset` empties the folder instead. */
  static async open(options: LogOptions, restorer: Restorer): Promise<DurableLog> {
    await mkdir(options.path, { recursive: true })
    const log = new DurableLog(options, await lockFolder(options.path))
    try {
      await log.#restore(restorer)
      return log
    } catch (error) {
      await log.close()
      throw error
    }
  }

  /** Removes the files of a folder nobody has open. */
  static async reset(path: string): Promise<void> {
    const unlock = await lockFolder(path)
    try {
      for (const { name } of await listFiles(path)) await rm(join(path, name), { force: true })
    } finally {
      unlock()
    }
  }

  get generation(): number {
    return this.#generation
  }

  /** Resolves once all of it is there for good; after a failure none of it is. */
  async append(batches: readonly LogBatch[]): Promise<void> {
    if (this.#broken || !this.#journal) throw writeFailed()
    const parts = batches.flatMap((batch) => encodeFrame(encodeRecord(batch)))
    try {
      const written = await writeAll(this.#journal, parts, this.bytes)
      if (this.#options.sync) await this.#journal.datasync()
      this.bytes += written
    } catch (error) {
      // Half a record in the middle would make everything after it unreadable.
      await this.#journal.truncate(this.bytes).catch(() => {
        this.#broken = true
      })
      throw writeFailed(error)
    }
  }

  /** Later appends go to a new journal. To be called when memory and journal agree. */
  async rotate(): Promise<void> {
    if (this.#broken) throw writeFailed()
    const previous = this.#journal
    const next = this.#generation + 1
    try {
      await this.#startJournal(next)
    } catch (error) {
      await rm(this.#file('journal', next, 'log'), { force: true })
      throw writeFailed(error)
    }
    await previous?.close()
  }

  /** Writes the snapshot that the current journal goes on from, then drops what it replaces. */
  async writeSnapshot(records: AsyncIterable<LogBatch | LogEnd>): Promise<void> {
    const generation = this.#generation
    const temporary = this.#file('snapshot', generation, 'tmp')
    const file = await open(temporary, 'w')
    try {
      let bytes = await writeAll(file, [MAGIC, ...encodeFrame(encodeRecord(this.#options.head))], 0)
      for await (const record of records) bytes += await writeAll(file, encodeFrame(encodeRecord(record)), bytes)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(temporary, this.#file('snapshot', generation, 'vec'))
    await syncFolder(this.#options.path)
    await this.#dropBefore(generation)
  }

  graphPath(): string {
    return this.#file('graph', this.#generation, 'hnsw')
  }

  async close(): Promise<void> {
    const journal = this.#journal
    this.#journal = undefined
    await journal?.close()
    this.#unlock()
  }

  async #restore(restorer: Restorer): Promise<void> {
    const files = await listFiles(this.#options.path)
    for (const { name, type } of files) if (type === 'tmp') await rm(join(this.#options.path, name))
    const numbers = (kind: string, type: string): number[] =>
      files
        .filter((file) => file.kind === kind && file.type === type)
        .map((file) => file.number)
        .sort((a, b) => a - b)
    const snapshot = numbers('snapshot', 'vec').at(-1)
    const journals = numbers('journal', 'log').filter((number) => number >= (snapshot ?? 0))
    checkSequence(snapshot, journals)
    if (snapshot !== undefined) await this.#readSnapshot(snapshot, restorer)
    for (const number of journals) await this.#readJournal(number, number === journals.at(-1), restorer)
    if (journals.length === 0) await this.#startJournal(snapshot ?? 1)
    await this.#dropBefore(snapshot ?? 0)
  }

  async #readSnapshot(number: number, restorer: Restorer): Promise<void> {
    let end: LogEnd | undefined
    const { torn } = await this.#read(this.#file('snapshot', number, 'vec'), async (record) => {
      if (record.type === 'batch') restorer.restoreBatch(record)
      else if (record.type === 'end') end = record
    })
    if (torn || end === undefined) throw new DamagedFile('the snapshot is not complete')
    restorer.restoreEnd(end)
  }

  /** The last journal may end in a record that a crash cut short: it was never acknowledged, and is cut off. */
  async #readJournal(number: number, last: boolean, restorer: Restorer): Promise<void> {
    const path = this.#file('journal', number, 'log')
    const { torn, end, headed } = await this.#read(path, async (record) => {
      if (record.type === 'batch') restorer.restoreBatch(record)
    })
    if (!last) {
      if (torn) throw new DamagedFile('a journal is not complete')
      return
    }
    if (!headed) return await this.#startJournal(number)
    this.#generation = number
    this.#journal = await open(path, 'r+')
    if (torn) await this.#journal.truncate(end)
    this.bytes = end
  }

  async #read(
    path: string,
    take: (record: LogRecord) => Promise<void>,
  ): Promise<{ torn: boolean; end: number; headed: boolean }> {
    const file = await open(path, 'r')
    try {
      const { size } = await file.stat()
      const reader = new FrameReader(file, size)
      let headed = false
      for await (const payload of reader.frames()) {
        const record = decodeRecord(payload, this.#options.head.dimension)
        if (headed) await take(record)
        else this.#checkHead(record)
        headed = true
      }
      return { torn: reader.end !== size, end: reader.end, headed }
    } finally {
      await file.close()
    }
  }

  #checkHead(record: LogRecord): void {
    const { head } = this.#options
    if (record.type !== 'head') throw new DamagedFile('a file does not begin with its head')
    const same = (Object.keys(head) as (keyof LogHead)[]).every((field) => head[field] === record[field])
    if (!same) throw new StaleFiles('the files are of another dimension, metric or fingerprint')
  }

  async #startJournal(number: number): Promise<void> {
    const file = await open(this.#file('journal', number, 'log'), 'w')
    const bytes = await writeAll(file, [MAGIC, ...encodeFrame(encodeRecord(this.#options.head))], 0)
    await file.sync()
    await syncFolder(this.#options.path)
    this.#generation = number
    this.#journal = file
    this.bytes = bytes
  }

  async #dropBefore(generation: number): Promise<void> {
    for (const { name, number } of await listFiles(this.#options.path)) {
      if (number < generation) await rm(join(this.#options.path, name), { force: true })
    }
  }

  #file(kind: string, generation: number, type: string): string {
    return join(this.#options.path, `${kind}-${String(generation).padStart(8, '0')}.${type}`)
  }
}

interface LogFile {
  readonly name: string
  readonly kind: string
  readonly number: number
  readonly type: string
}

async function listFiles(folder: string): Promise<LogFile[]> {
  const names = await readdir(folder)
  return names.flatMap((name) => {
    const match = FILE.exec(name)
    return match ? [{ name, kind: match[1] as string, number: Number(match[2]), type: match[3] as string }] : []
  })
}

/** Every journal from the snapshot's on, without a gap; without a snapshot, from the first. */
function checkSequence(snapshot: number | undefined, journals: readonly number[]): void {
  const first = snapshot ?? 1
  const gap = journals.some((number, index) => number !== first + index)
  if (gap) throw new DamagedFile('a journal is missing')
  if (snapshot !== undefined && journals.length === 0) throw new DamagedFile('the journal of the snapshot is missing')
}

async function writeAll(file: FileHandle, parts: readonly Uint8Array[], position: number): Promise<number> {
  const bytes = Buffer.concat(parts)
  for (let done = 0; done < bytes.byteLength; ) {
    const { bytesWritten } = await file.write(bytes, done, bytes.byteLength - done, position + done)
    done += bytesWritten
  }
  return bytes.byteLength
}

/** A new name lasts only once its folder is on the disk. Not every platform can open one. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r').catch(() => null)
  if (folder === null) return
  await folder.sync().catch(() => {})
  await folder.close()
}

function writeFailed(cause?: unknown): DbError {
  return new DbError('unknown', 'The vector index files could not be written. Check that the disk has room.', { cause })
}
