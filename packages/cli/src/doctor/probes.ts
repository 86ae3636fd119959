import type { Database, Row } from '@archon-db/core'
import { sql } from '@archon-db/core'
import type { Config } from '@archon-db/core/connection'
import type { Result } from './examine.ts'

/** A question in a database's own words, and what to think of the answer. */
interface Probe {
  readonly name: string
  readonly ask: string
  judge(rows: readonly Row[]): Result
}

const SQLITE: readonly Probe[] = [
  {
    name: 'integrity',
    ask: 'pragma integrity_check',
    judge: (rows) => {
      const problems = rows.flatMap((row) => Object.values(row)).filter((text) => text !== 'ok')
      if (problems.length === 0) return { verdict: 'ok', detail: 'every page and index is consistent' }
      const detail = problems.slice(0, 5).map(String).join('\n')
      return {
        verdict: 'failed',
        detail,
        advice: 'The file is damaged: restore a backup, or save what can be read with `sqlite3 FILE .recover`.',
      }
    },
  },
  {
    name: 'references',
    ask: 'pragma foreign_key_check',
    judge: (rows) => {
      if (rows.length === 0) return { verdict: 'ok', detail: 'every foreign key leads to a row' }
      const children = [...new Set(rows.map(({ table }) => String(table)))]
      const detail = `${rows.length} rows of ${children.join(', ')} refer to rows that are gone`
      return {
        verdict: 'failed',
        detail,
        advice: 'Something wrote without foreign keys. Delete these rows, or add what they refer to.',
      }
    },
  },
  {
    name: 'journal',
    ask: 'pragma journal_mode',
    judge: (rows) => {
      const mode = String(rows[0]?.journal_mode)
      if (mode === 'wal' || mode === 'memory') return { verdict: 'ok', detail: mode }
      return {
        verdict: 'warning',
        detail: mode,
        advice: 'Readers wait for writers. Does the disk allow WAL? A network share does not.',
      }
    },
  },
]

const POSTGRES: readonly Probe[] = [
  {
    name: 'extensions',
    ask: 'select extname as name, extversion as version from pg_extension order by extname',
    judge: (rows) => {
      const detail = rows.map(({ name, version }) => `${name} ${version}`).join(', ')
      if (rows.some(({ name }) => name === 'vector')) return { verdict: 'ok', detail }
      return {
        verdict: 'warning',
        detail,
        advice: 'Without the extension vector, searches compare every vector. `create extension vector`.',
      }
    },
  },
  {
    name: 'encoding',
    ask: 'show server_encoding',
    judge: ([row]) => {
      const encoding = String(row?.server_encoding)
      if (encoding === 'UTF8') return { verdict: 'ok', detail: encoding }
      return {
        verdict: 'failed',
        detail: encoding,
        advice: 'Create the database with encoding UTF8: others cannot hold all text.',
      }
    },
  },
  { name: 'clock', ask: 'select extract(epoch from clock_timestamp())::float8 as seconds', judge: clock },
]

const MYSQL: readonly Probe[] = [
  {
    name: 'strictness',
    ask: 'select @@sql_mode as mode',
    judge: ([row]) => {
      const strict = /STRICT_(?:TRANS|ALL)_TABLES/.test(String(row?.mode))
      if (strict) return { verdict: 'ok', detail: 'values that do not fit are refused' }
      return {
        verdict: 'failed',
        detail: 'values that do not fit are cut',
        advice: 'Set sql_mode to contain STRICT_TRANS_TABLES.',
      }
    },
  },
  { name: 'clock', ask: 'select unix_timestamp(now(3)) as seconds', judge: clock },
]

/** By the kind of the configuration. An embedded database has this process's clock. */
const PROBES: Readonly<Record<string, readonly Probe[]>> = {
  sqlite: SQLITE,
  postgres: POSTGRES,
  pglite: POSTGRES.filter(({ name }) => name !== 'clock'),
  mysql: MYSQL,
}

const MOST_SECONDS_APART = 5

function clock([row]: readonly Row[]): Result {
  const apart = Number(row?.seconds) - Date.now() / 1000
  const detail = `${Math.abs(apart).toFixed(1)} s ${apart < 0 ? 'behind' : 'ahead of'} this machine`
  if (Math.abs(apart) <= MOST_SECONDS_APART) return { verdict: 'ok', detail }
  return {
    verdict: 'warning',
    detail,
    advice: 'Synchronise both clocks: timestamps made here and there cannot be compared.',
  }
}

export function probesFor({ kind }: Config): readonly Probe[] {
  return PROBES[kind] ?? []
}

export async function runProbe({ ask, judge }: Probe, database: Database): Promise<Result> {
  const { rows } = await database.execute(sql.raw(ask), { write: false })
  return judge(rows)
}
