import { type Capabilities, DbError, type RowsResult, type Statement } from '@archon-db/core/dialect'
import { atLeast, type Server } from './dialect.ts'

export interface ServerFacts extends Server {
  readonly version: string
}

const OLDEST = 14

/** One question about everything that matters later. `archon.session` is what was set when the connection opened. */
const QUESTION = `select
  current_setting('server_version'),
  current_setting('server_encoding'),
  current_setting('archon.session', true),
  (select extversion from pg_extension where extname = 'vector'),
  (select default_version from pg_available_extensions where name = 'vector'),
  (select format_type(atttypid, null) from pg_attribute where attrelid = to_regclass('archon_crawled_pages') and attname = 'embedding_1536'),
  (select rolsuper from pg_roles where rolname = current_user),
  to_regprocedure('archon_weighed(boolean)') is not null`

/** Of whatever takes statements. */
type Asked = { send(statement: Statement): Promise<RowsResult> } | { query(statement: Statement): Promise<RowsResult> }

export async function askServer(asked: Asked): Promise<ServerFacts> {
  const question: Statement = { text: QUESTION, params: [], write: false, tables: [], prepare: false }
  const { rows } = await ('send' in asked ? asked.send(question) : asked.query(question))
  const [row = []] = rows
  const [version, encoding, session, installed, available, columnType, superuser, weighs] = row
  checkServer(String(version), encoding)
  // Before the tables are there, what their first migration will find decides.
  const native =
    typeof columnType === 'string'
      ? columnType === 'vector'
      : installed !== null || (available !== null && superuser === true)
  return {
    version: String(version).split(' ')[0] as string,
    sessions: session === 'kept',
    weighs: weighs === true,
    vector: native ? numbersOf(String(installed ?? available)) : null,
  }
}

function checkServer(version: string, encoding: unknown): void {
  if (Number.parseInt(version, 10) < OLDEST)
    throw new DbError('unsupported', `This server is PostgreSQL ${version}; version ${OLDEST} or later is needed.`)
  if (encoding !== 'UTF8')
    throw new DbError('unsupported', `The database's encoding is ${String(encoding)}; create it with ENCODING 'UTF8'.`)
}

function numbersOf(version: string): number[] {
  return version.split('.').map(Number)
}

export function describeServer(product: string, version: string, { vector }: Server): Capabilities {
  const native = vector !== null
  const index = native ? (atLeast(vector, 5) ? 'hnsw' : 'none') : 'none'
  return {
    product,
    version,
    transactions: true,
    returning: true,
    json: true,
    fullText: true,
    vector: { native, index, ...(native ? { version: vector.join('.') } : {}) },
    maxParameters: 65_533,
  }
}
