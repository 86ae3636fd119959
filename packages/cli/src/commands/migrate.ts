import { type Command, defineCommand } from '../command.ts'
import { label, migrated, progressOf } from '../migrating.ts'

export const migrate: Command = defineCommand({
  name: 'migrate',
  summary: 'Bring the schema up to date',
  details:
    'Applies the migrations that the database lacks, in order, under a lock: of several processes one does the work and\n' +
    'the others wait. At once when there is nothing to do.',
  options: {
    to: { kind: 'number', value: 'VERSION', about: 'Stop after this migration' },
  },
  examples: [
    { run: 'migrate', about: 'Everything that is missing' },
    { run: 'migrate --to 2', about: 'Up to migration 2' },
    { run: 'migrate --json', about: 'For a deployment that reads the outcome' },
  ],
  async run(context, { to }) {
    const database = await context.open({ create: true })
    const result = await database.migrations.migrate({
      onProgress: progressOf(context),
      ...(to === undefined ? {} : { to }),
    })
    const { applied, pending } = await database.migrations.status()
    const tables = await database.migrations.tables()
    return {
      data: { ...result, pending, tables },
      print(terminal) {
        terminal.line(`${terminal.style('green', '✓')} ${migrated(result)}`)
        for (const one of result.applied) {
          terminal.line(
            `  ${label(one)}  ${one.durationMs.toFixed(0)} ms${one.late ? '  (came in after higher ones)' : ''}`,
          )
        }
        if (result.applied.length > 0) terminal.line(`  Tables: ${tables.join(', ')}`)
        terminal.line(`  ${result.total} in all, ${applied.length} applied, ${pending.length} pending`)
      },
    }
  },
})
