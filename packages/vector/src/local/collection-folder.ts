import { type FileHandle, mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type CollectionSpec, DbError } from '@archon-db/core'

const SPEC_FILE = 'collection.json'

/**
 * Collections on disk: a folder each, which counts as a collection once it holds the file that describes it. That
 * file is written last and removed first, so a crash leaves a collection whole or leaves none.
 */
export class CollectionFolder {
  readonly specs: readonly CollectionSpec[]
  readonly #path: string

  private constructor(path: string, specs: readonly CollectionSpec[]) {
    this.#path = path
    this.specs = specs
  }

  static async open(path: string, readOnly: boolean): Promise<CollectionFolder> {
    try {
      if (!readOnly) await mkdir(path, { recursive: true })
      const specs: CollectionSpec[] = []
      for (const entry of await readdir(path, { withFileTypes: true })) {
        const spec = entry.isDirectory() ? await readSpec(join(path, entry.name)) : null
        if (spec) specs.push(spec)
      }
      return new CollectionFolder(path, specs)
    } catch (cause) {
      const missing = readOnly && (cause as NodeJS.ErrnoException).code === 'ENOENT'
      if (missing) throw new DbError('not_found', 'There is no vector store to read. Check the path.', { cause })
      throw new DbError('unknown', 'The folder of the vector store cannot be opened. Check that it can be written.', {
        cause,
      })
    }
  }

  pathOf(name: string): string {
    return join(this.#path, folderName(name))
  }

  async create(spec: CollectionSpec): Promise<void> {
    const folder = this.pathOf(spec.name)
    // Left over from a collection that was being created or dropped when the process ended.
    await rm(folder, { recursive: true, force: true })
    await mkdir(folder)
    const temporary = join(folder, `${SPEC_FILE}.tmp`)
    await withFile(temporary, async (file) => {
      await file.writeFile(JSON.stringify(spec))
      await file.sync()
    })
    await rename(temporary, join(folder, SPEC_FILE))
  }

  async drop(name: string): Promise<void> {
    const folder = this.pathOf(name)
    await rm(join(folder, SPEC_FILE), { force: true })
    await rm(folder, { recursive: true, force: true })
  }
}

/** Marks capitals, because some file systems cannot tell `Docs` from `docs`. */
function folderName(name: string): string {
  return `c-${name.replace(/[A-Z]/g, (letter) => `~${letter.toLowerCase()}`)}`
}

async function readSpec(folder: string): Promise<CollectionSpec | null> {
  try {
    return JSON.parse(await readFile(join(folder, SPEC_FILE), 'utf8')) as CollectionSpec
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}

async function withFile(path: string, use: (file: FileHandle) => Promise<void>): Promise<void> {
  const file = await open(path, 'w')
  try {
    await use(file)
  } finally {
    await file.close()
  }
}
