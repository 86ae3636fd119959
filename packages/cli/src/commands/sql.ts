import type { Database, ExecuteResult } from '@archon-db/core'
import { DbError, sql as statement } from '@archon-db/core'
import { firstWord, holdsSeveral } from '@archon-db/core/dialect'
import { UsageError } from '../arguments.ts'
import { type Command, defineCommand } from '../command.ts'
import { count } from '../migrating.ts'
import { renderTable } from '../table.ts'

const READS: ReadonlySet<string> = new Set([
  'select',
  'with',
  'values',
  'explain',
  'show',
  'describe',
  'desc',
  'table',
  'pragma',
])
const STEERS: ReadonlySet<string> = new Set([
  'begin',
  'start',
  'commit',
  'end',
  'rollback',
  'savepoint',
  'release',
  'abort',
])

export const sql: Command = defineCommand({
  name: 'sql',
  summary: 'Run one SQL statement and print what it returns',
  details:
    'Without --write, whatever the statement does is undone afterwards, so that looking around is safe.\n' +
    'The SQL is that of the database; nothing is translated.',
  arguments: [{ name: 'STATEMENT', about: 'the statement, in quotes; read from standard input when absent or -' }],
  options: {
    write: { kind: 'flag', about: 'Let the statement change something' },
    wide: { kind: 'flag', about: 'Show long values in full' },
  },
  examples: [
    { run: 'sql "select title, status from archon_tasks"', about: 'A table' },
    { run: 'sql --json "select count(*) as n from archon_sources"', about: 'JSON' },
    { run: 'sql < report.sql', about: 'The statement from a file' },
    { run: `sql --write "delete from archon_tasks where archived = true"`, about: 'Change something' },
  ],
  async run(context, { write, wide }, [given]) {
    const text = await readStatement(given)
    const word = firstWord(text)
    if (word === '') throw new UsageError('sql got no statement: it is empty.', sql)
    if (holdsSeveral(text)) throw new UsageError('sql runs one statement at a time, and there are several.', sql)
    if (STEERS.has(word))
      throw new UsageError(`sql runs each statement by itself, so ${word} has no meaning here.`, sql)
    if (!write && !READS.has(word))
      throw new UsageError(`${word} changes something. Add --write if that is meant.`, sql)
    const database = await context.open()
    const { rows, count: changed } = await inItsOwnWords(() =>
      write ? database.execute(statement.raw(text), { write: true }) : look(database, text),
    )
    return {
      data: { rows, count: changed },
      print(terminal) {
        const widest = wide ? Number.POSITIVE_INFINITY : undefined
        if (rows.length > 0) terminal.line(renderTable(rows, terminal, widest).join('\n'))
        const outcome = write && rows.length === 0 ? `${count(changed, 'row')} changed` : count(rows.length, 'row')
        terminal.line(terminal.style('dim', `(${outcome})`))
      },
    }
  },
})

/** Rolled back whatever happens: `with … delete` reads by its first word, and not every database refuses it. */
async function look(database: Database, text: string): Promise<ExecuteResult> {
  let result: ExecuteResult | undefined
  const undo = new Error('Undone on purpose.')
  await database
    .transaction(
      async (tx) => {
        result = await tx.execute(statement.raw(text), { write: false })
        throw undo
      },
      { readOnly: true },
    )
    .catch((error: unknown) => {
      if (error !== undo) throw error
    })
  return result ?? { rows: [], count: 0 }
}

/** Whoever wrote the statement may read what the database says about it; elsewhere that could show values of others. */
async function inItsOwnWords<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof DbError) || !(error.cause instanceof Error)) throw error
    throw new DbError(error.code, error.cause.message, { cause: error })
  }
}

async function readStatement(given: string | undefined): Promise<string> {
  if (given !== undefined && given !== '-') return given
  if (process.stdin.isTTY)
    throw new UsageError('sql needs a statement: give it in quotes, or through standard input.', sql)
  const parts: string[] = []
  process.stdin.setEncoding('utf8')
  for await (const part of process.stdin) parts.push(String(part))
  return parts.join('')
}
