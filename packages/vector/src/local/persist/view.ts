import { type FileHandle, open } from 'node:fs/promises'
import { join } from 'node:path'
import { DbError } from '@archon-db/core'
import {
  fileName,
  type LogFile,
  listFiles,
  type Reading,
  type Restorer,
  restoreJournal,
  restoreSnapshot,
  sequenceOf,
} from './files.ts'

/**
 * The files of an index as they are when they are opened, to be read only. Whoever writes them may go on: what it
 * replaces stays readable for as long as it is open here.
 */
export class LogView {
  /** Descriptors, in the order of the places' numbers. */
  readonly files: number[] = []
  readonly #handles: FileHandle[] = []
  readonly #options: Reading

  constructor(options: Reading) {
    this.#options = options
  }

  /** Fails with ENOENT where the files were replaced in this very moment, and then has to be begun anew. */
  async restore(restorer: Restorer): Promise<void> {
    const { snapshot, journals } = sequenceOf(await this.#list())
    if (snapshot !== undefined) {
      const { file, reading } = await this.#open('snapshot', snapshot, 'vec')
      await restoreSnapshot(file, reading, restorer)
    }
    for (const number of journals) {
      const { file, reading } = await this.#open('journal', number, 'log')
      await restoreJournal(file, number === journals.at(-1), reading, restorer)
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.#handles.splice(0).map((file) => file.close()))
  }

  async #list(): Promise<LogFile[]> {
    const { path } = this.#options
    const files = await listFiles(path).catch((cause) => {
      throw new DbError('not_found', 'There are no vector index files to read. Check the path.', { cause })
    })
    return files
  }

  async #open(kind: LogFile['kind'], number: number, type: string): Promise<{ file: FileHandle; reading: Reading }> {
    const file = await open(join(this.#options.path, fileName(kind, number, type)), 'r')
    this.#handles.push(file)
    return { file, reading: { ...this.#options, file: this.files.push(file.fd) - 1 } }
  }
}
