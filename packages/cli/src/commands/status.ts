import type { Database, MigrationStatus, SchemaDifference } from '@archon-db/core'
import { redactUrl } from '@archon-db/core/connection'
import { type Command, defineCommand } from '../command.ts'
import { count, label } from '../migrating.ts'
import { renderTable } from '../table.ts'
import type { Terminal } from '../terminal.ts'

interface TableSize {
  readonly table: string
  /** Null when the database lacks the table. */
  readonly rows: number | null
}

export const status: Command = defineCommand({
  name: 'status',
  summary: 'Show the database, its migrations and its tables',
  details: 'Changes nothing.',
  options: {
    deep: { kind: 'flag', about: 'Compare every table, column, index and trigger with what the migrations made' },
    check: { kind: 'flag', about: 'End with exit code 1 unless every migration is in place and none has changed' },
  },
  examples: [
    { run: 'status', about: 'What is there' },
    { run: 'status --deep', about: 'And whether somebody changed the schema by hand' },
    { run: 'status --check', about: 'For a deployment: is this database ready for this version?' },
    { run: 'status --json', about: 'The same for machines' },
  ],
  async run(context, { check, deep }) {
    const { kind, url, path } = context.config()
    const database = await context.open()
    const migrations = await database.migrations.status()
    const schema = deep ? (await database.migrations.deepStatus()).schema : null
    const tables = await sizesOf(database)
    const { capabilities } = database
    const ready = migrations.pending.length + migrations.drift.length + (schema?.length ?? 0) === 0
    return {
      data: { database: { kind, url: redactUrl(url), path }, capabilities, migrations, schema, tables, ready },
      ok: ready || !check,
      print(terminal) {
        terminal.line(
          `${terminal.style('bold', path ?? redactUrl(url))} (${capabilities.product} ${capabilities.version})`,
        )
        terminal.line()
        printMigrations(migrations, terminal)
        if (schema) printSchema(schema, terminal)
        printTables(tables, terminal)
      },
    }
  },
})

/** Asked one by one: in a database that is not migrated yet, some are there and some are not. */
async function sizesOf(database: Database): Promise<TableSize[]> {
  const sizes: TableSize[] = []
  for (const table of [...database.schema.tables.keys()].sort()) {
    sizes.push({ table, rows: await database.count(table).catch(() => null) })
  }
  return sizes
}

function printMigrations({ total, applied, pending, drift }: MigrationStatus, terminal: Terminal): void {
  terminal.line(`Migrations: ${applied.length} of ${total} in place, ${pending.length} pending`)
  const rows = applied.map((one) => ({
    migration: label(one),
    applied: one.appliedAt.toISOString().replace('T', ' ').slice(0, 19),
    'took (ms)': one.baselined ? null : Math.round(one.durationMs),
    by: one.toolVersion,
  }))
  if (rows.length > 0) for (const line of renderTable(rows, terminal)) terminal.line(`  ${line}`)
  for (const one of pending) {
    const why = one.interrupted ? ', begun and not finished' : one.late ? ', came in after higher ones' : ''
    terminal.line(
      `  ${terminal.style('yellow', '!')} ${label(one)} is pending${why}. \`archon-db migrate\` applies it.`,
    )
  }
  for (const { message } of drift) terminal.line(`  ${terminal.style('red', '✗')} ${message}`)
  terminal.line()
}

function printSchema(schema: readonly SchemaDifference[], terminal: Terminal): void {
  if (schema.length === 0) terminal.line(`Schema: ${terminal.style('green', '✓')} as the migrations made it`)
  else terminal.line(`Schema: ${count(schema.length, 'difference')} from what the migrations made`)
  for (const { message } of schema) terminal.line(`  ${terminal.style('red', '✗')} ${message}`)
  terminal.line()
}

function printTables(tables: readonly TableSize[], terminal: Terminal): void {
  const there = tables.filter(({ rows }) => rows !== null)
  terminal.line(`Tables: ${there.length === 0 ? 'none' : count(there.length, 'table')}`)
  if (there.length > 0)
    for (const line of renderTable(
      there.map((size) => ({ ...size })),
      terminal,
    ))
      terminal.line(`  ${line}`)
}
