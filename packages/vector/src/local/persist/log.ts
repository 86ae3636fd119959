import { type FileHandle, mkdir, open, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { DbError } from '@archon-db/core'
import {
  fileName,
  type LogFile,
  listFiles,
  type Restorer,
  restoreJournal,
  restoreSnapshot,
  sequenceOf,
} from './files.ts'
import { encodeFrame, MAGIC } from './frames.ts'
import { lockFolder } from './lock.ts'
import { encodeRecord, type LogBatch, type LogEnd, type LogHead } from './record.ts'

export interface LogOptions {
  readonly path: string
  readonly head: LogHead
  /** Waits for the disk before a write counts as done; without it, for the operating system. */
  readonly sync: boolean
}

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
    const { snapshot, journals } = sequenceOf(files)
    if (snapshot !== undefined) await this.#readSnapshot(snapshot, restorer)
    for (const number of journals) await this.#readJournal(number, number === journals.at(-1), restorer)
    if (journals.length === 0) await this.#startJournal(snapshot ?? 1)
    await this.#dropBefore(snapshot ?? 0)
  }

  async #readSnapshot(number: number, restorer: Restorer): Promise<void> {
    await this.#reading('snapshot', number, 'vec', (file) => restoreSnapshot(file, this.#options, restorer))
  }

  /** The last journal may end in a record that a crash cut short: it was never acknowledged, and is cut off. */
  async #readJournal(number: number, last: boolean, restorer: Restorer): Promise<void> {
    const path = this.#file('journal', number, 'log')
    const { torn, end, headed } = await this.#reading('journal', number, 'log', (file) =>
      restoreJournal(file, last, this.#options, restorer),
    )
    if (!last) return
    if (!headed) return await this.#startJournal(number)
    this.#generation = number
    this.#journal = await open(path, 'r+')
    if (torn) await this.#journal.truncate(end)
    this.bytes = end
  }

  async #reading<T>(
    kind: LogFile['kind'],
    number: number,
    type: string,
    work: (file: FileHandle) => Promise<T>,
  ): Promise<T> {
    const file = await open(this.#file(kind, number, type), 'r')
    try {
      return await work(file)
    } finally {
      await file.close()
    }
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

  #file(kind: LogFile['kind'], generation: number, type: string): string {
    return join(this.#options.path, fileName(kind, generation, type))
  }
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
