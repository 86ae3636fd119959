import type { Installed } from './peer.ts'
import type { Provider } from './prisma-schema.ts'
import { SQLITE_SETUP } from './sqlite.ts'

export interface PrismaTarget {
  readonly provider: Provider
  adapter(url: string, installed: Installed): Promise<object>
}

const onMysql: PrismaTarget = { provider: 'mysql', adapter: mariadbAdapter }

export const PRISMA_TARGETS: Readonly<Record<string, PrismaTarget>> = {
  sqlite: { provider: 'sqlite', adapter: libsqlAdapter },
  pg: { provider: 'postgresql', adapter: pgAdapter },
  mysql: onMysql,
  mariadb: onMysql,
}

interface MariadbModule {
  PrismaMariaDb: new (url: string, options: { useTextProtocol: boolean }) => object
}

async function mariadbAdapter(url: string, { load }: Installed): Promise<object> {
  const { PrismaMariaDb } = await load<MariadbModule>('@prisma/adapter-mariadb')
  const settings = new URL(url)
  settings.searchParams.set('connectionLimit', '20')
  settings.searchParams.set('timezone', 'Z')
  // By the binary protocol it would prepare every statement anew.
  return new PrismaMariaDb(settings.href, { useTextProtocol: true })
}

interface PgModule {
  PrismaPg: new (pool: object, options: { statementNameGenerator(query: { sql: string }): string }) => object
}

async function pgAdapter(url: string, { load }: Installed): Promise<object> {
  const { PrismaPg } = await load<PgModule>('@prisma/adapter-pg')
  const names = new Map<string, string>()
  return new PrismaPg(
    { connectionString: url, max: 20 },
    {
      // Statements are prepared once, as the bare driver's are.
      statementNameGenerator({ sql }) {
        const name = names.get(sql) ?? `bench_${names.size}`
        names.set(sql, name)
        return name
      },
    },
  )
}

interface LibsqlModule {
  PrismaLibSql: new (config: object, options: object) => { connect(): Promise<LibsqlAdapter> }
}

interface LibsqlAdapter {
  executeScript(text: string): Promise<void>
  startTransaction(level?: string): Promise<{ commit(): Promise<void> }>
}

async function libsqlAdapter(url: string, { load }: Installed): Promise<object> {
  const { PrismaLibSql } = await load<LibsqlModule>('@prisma/adapter-libsql')
  const factory = new PrismaLibSql({ url }, { timestampFormat: 'unixepoch-ms' })
  const connect = factory.connect.bind(factory)
  factory.connect = async () => setUp(await connect())
  return factory
}

/** Its driver opens a new connection after every transaction, which must be set up again. */
async function setUp(adapter: LibsqlAdapter): Promise<LibsqlAdapter> {
  const settings = (): Promise<void> => adapter.executeScript(SQLITE_SETUP.join(';'))
  const start = adapter.startTransaction.bind(adapter)
  adapter.startTransaction = async (level) => {
    const transaction = await start(level)
    const commit = transaction.commit.bind(transaction)
    transaction.commit = () => commit().then(settings)
    return transaction
  }
  await settings()
  return adapter
}
