import { existsSync } from 'node:fs'
import { type Database, DbError } from '@archon-db/core'
import { type Config, readConfig, secretsIn } from '@archon-db/core/connection'
import type { Context } from './command.ts'
import type { Opened } from './connect.ts'
import type { Terminal } from './terminal.ts'

export interface RunOptions {
  readonly url?: string | undefined
  readonly json: boolean
  readonly verbose: boolean
}

/** One run of one command: what it opens is closed when it ends. */
export class Run implements Context {
  readonly terminal: Terminal
  readonly json: boolean
  readonly verbose: boolean
  readonly #url: string | undefined
  readonly #opened: Database[] = []
  #config: Config | undefined

  constructor(terminal: Terminal, { url, json, verbose }: RunOptions) {
    this.terminal = terminal
    this.json = json
    this.verbose = verbose
    this.#url = url
  }

  config(): Config {
    this.#config ??= this.#readConfig()
    return this.#config
  }

  #readConfig(): Config {
    const config = readConfig(this.#url === undefined ? {} : { url: this.#url })
    this.terminal.hide(secretsIn(config))
    return this.verbose ? { ...config, logging: { ...config.logging, queries: true } } : config
  }

  async open(options?: { readonly create?: boolean }): Promise<Database> {
    return (await this.openWithStore(options)).database
  }

  async openWithStore({ create = false }: { readonly create?: boolean } = {}): Promise<Opened> {
    const config = this.config()
    if (!create) requireDatabase(config)
    // Loaded here, so that help and mistyped commands answer at once.
    const { openConfigured } = await import('./connect.ts')
    const opened = await openConfigured(config, (line) => this.terminal.note(this.terminal.noteStyle('dim', line)))
    this.#opened.push(opened.database)
    return opened
  }

  progress(text: string): void {
    if (!this.json) this.terminal.note(this.terminal.noteStyle('dim', text))
  }

  async close(): Promise<void> {
    await Promise.all(this.#opened.splice(0).map((database) => database.close()))
  }
}

/** Opening would create an empty one, and a mistyped path would look like a database that lost its rows. */
function requireDatabase({ path }: Config): void {
  if (path === null || existsSync(path)) return
  throw new DbError(
    'not_found',
    `There is no database at ${path}. \`archon-db init\` creates one; --url or DATABASE_URL name another.`,
  )
}
