import { existsSync } from 'node:fs'
import { redactUrl } from '@archon-db/core/connection'
import { type Command, defineCommand } from '../command.ts'
import { migrated, progressOf } from '../migrating.ts'

export const init: Command = defineCommand({
  name: 'init',
  summary: 'Create or open the database and bring its schema up to date',
  details: 'Safe to run again: what is there stays. Nothing is written but the database itself.',
  options: {},
  examples: [
    { run: 'init', about: 'archon.db in this folder, or what DATABASE_URL says' },
    { run: 'init --url data/knowledge.db', about: 'Another file' },
    { run: 'init --url postgresql://user@host/archon', about: 'A database on a server (it has to exist)' },
  ],
  async run(context) {
    const { path, url, kind } = context.config()
    const created = path !== null && !existsSync(path)
    const database = await context.open({ create: true })
    const result = await database.migrations.migrate({ onProgress: progressOf(context) })
    const { product, version } = database.capabilities
    return {
      data: { database: { kind, url: redactUrl(url), path, product, version }, created, ...result },
      print(terminal) {
        const tick = terminal.style('green', '✓')
        terminal.line(`${tick} ${created ? 'Created' : 'Opened'} ${path ?? redactUrl(url)} (${product} ${version})`)
        terminal.line(`${tick} ${migrated(result)}`)
        terminal.line()
        terminal.line('Next:')
        terminal.line('  archon-db status      what is in it')
        terminal.line('  archon-db doctor      whether all is well')
        terminal.line("  import { connect } from 'archon-db'")
      },
    }
  },
})
