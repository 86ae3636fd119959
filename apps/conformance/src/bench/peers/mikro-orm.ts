import { mustBe, STREAM_COLUMNS } from '../cases/reads.ts'
import { sqlitePath } from '../drivers/libsql.ts'
import { BATCH, type Library, type LibraryCases } from '../libraries/library.ts'
import { batches, changedSettings, freshChunks } from '../rows.ts'
import { hundred, pick, type StageData } from '../stage.ts'
import type { Peer } from './peer.ts'
import { SQLITE_SETUP } from './sqlite.ts'
import { CHUNK_TABLE, type ColumnKind, type PeerTable, PROJECT_TABLE, SETTING_TABLE, TASK_TABLE } from './tables.ts'

/** What is used of the library, whose types are not there when this is compiled. */
interface MikroOrm {
  MikroORM: { init(options: object): Promise<Orm> }
  EntitySchema: new (options: object) => object
}

interface Orm {
  em: EntityManager
  close(): Promise<void>
}

interface EntityManager {
  fork(): EntityManager
  findOne(entity: string, where: object): Promise<object | null>
  find(entity: string, where: object, options: object): Promise<object[]>
  count(entity: string, where: object): Promise<number>
  nativeUpdate(entity: string, where: object, values: object): Promise<number>
  insertMany(entity: string, rows: readonly object[]): Promise<unknown>
  upsertMany(entity: string, rows: readonly object[], options: object): Promise<unknown>
  transactional<Result>(work: (em: EntityManager) => Promise<Result>): Promise<Result>
  createQueryBuilder(entity: string, alias: string): QueryBuilder
  stream(entity: string, options: object): AsyncIterable<object>
}

interface QueryBuilder {
  select(columns: readonly string[]): QueryBuilder
  innerJoin(relation: string, alias: string): QueryBuilder
  where(where: object): QueryBuilder
  orderBy(order: object): QueryBuilder
  limit(rows: number): QueryBuilder
  execute(how: 'all'): Promise<object[]>
}

/** What the library stands on. */
interface KyselyConnection {
  executeQuery(query: { sql: string; parameters: readonly unknown[] }): Promise<unknown>
}

interface Target {
  readonly package: string
  connection(url: string): object
}

const pooled = (clientUrl: string): object => ({ clientUrl, pool: { min: 0, max: 20 }, timezone: 'Z' })

const TARGETS: Readonly<Record<string, Target>> = {
  sqlite: {
    package: '@mikro-orm/libsql',
    connection: (url) => ({
      dbName: sqlitePath(url),
      async onCreateConnection(connection: KyselyConnection) {
        for (const sql of SQLITE_SETUP) await connection.executeQuery({ sql, parameters: [] })
      },
    }),
  },
  pg: { package: '@mikro-orm/postgresql', connection: pooled },
  mysql: { package: '@mikro-orm/mysql', connection: pooled },
  mariadb: { package: '@mikro-orm/mariadb', connection: pooled },
}

const VERSION = '7.2.1'

export const mikroOrm: Peer = {
  name: 'mikro-orm',
  version: VERSION,
  packages: Object.fromEntries(
    ['@mikro-orm/core', ...Object.values(TARGETS).map((target) => target.package)].map((name) => [name, VERSION]),
  ),
  backends: Object.keys(TARGETS),
  async open({ load }, backend, url): Promise<Library> {
    const target = TARGETS[backend] as Target
    const library = await load<MikroOrm>(target.package)
    const orm = await library.MikroORM.init({ ...target.connection(url), entities: entitiesOf(library) })
    return { cases: (stage) => casesOf(orm.em, stage), close: () => orm.close() }
  },
}

function entitiesOf({ EntitySchema }: MikroOrm): object[] {
  const entity = (name: string, { table, columns }: PeerTable, relations: object = {}): object =>
    new EntitySchema({
      name,
      tableName: table,
      properties: {
        ...Object.fromEntries(
          Object.entries(columns).map(([column, kind]) => [column, { ...KINDS[kind], fieldName: column }]),
        ),
        ...relations,
      },
    })
  const projects = entity('Project', PROJECT_TABLE)
  const project = { kind: 'm:1', entity: () => projects, fieldName: 'project_id', nullable: true }
  const { project_id: _, ...columns } = TASK_TABLE.columns
  return [
    entity('Task', { ...TASK_TABLE, columns }, { project }),
    projects,
    entity('Setting', SETTING_TABLE),
    entity('Chunk', CHUNK_TABLE),
  ]
}

const KINDS: Readonly<Record<ColumnKind, object>> = {
  // A default of the database: none has to be given.
  uuidKey: { type: 'uuid', primary: true, defaultRaw: 'default' },
  numberedKey: { type: 'integer', primary: true, autoincrement: true },
  uuid: { type: 'uuid', nullable: true },
  text: { type: 'text', nullable: true },
  uniqueText: { type: 'string', unique: true },
  status: { type: 'string', nullable: true },
  priority: { type: 'string', nullable: true },
  integer: { type: 'integer', nullable: true },
  boolean: { type: 'boolean', nullable: true },
  json: { type: 'json', nullable: true },
  timestamp: { type: 'datetime', nullable: true },
}

/** A manager of its own for every call, as a server has for every request. */
function casesOf(em: EntityManager, stage: StageData): LibraryCases {
  const read = (index: number): Promise<unknown> => em.fork().findOne('Task', { id: pick(stage, index) })
  const list = {
    fields: ['id', 'title', 'status', 'sources', 'task_order', 'created_at'],
    orderBy: { task_order: 'asc', id: 'asc' },
    limit: 50,
  }
  return {
    'point-read': { 'mikro-orm': read },
    'point-write': {
      'mikro-orm': (i) => em.fork().nativeUpdate('Task', { id: pick(stage, i) }, { title: `title ${i}` }),
    },
    'list-50': { 'mikro-orm': (i) => em.fork().find('Task', { task_order: { $gt: i % 4000 } }, list) },
    'filtered-count': {
      'mikro-orm': (i) => em.fork().count('Task', { status: 'todo', task_order: { $gte: i % 4000 } }),
    },
    join: { 'mikro-orm': (i) => joined(em.fork(), i % 4000) },
    'concurrent-100': { 'mikro-orm': (i) => hundred(read, i) },
    upsert: { 'mikro-orm': () => upsert(em.fork()) },
    'update-by-filter': {
      'mikro-orm': (i) =>
        em.fork().nativeUpdate('Task', { task_order: { $gte: 1000, $lte: 1500 } }, { feature: `f${i}` }),
    },
    transaction: {
      'mikro-orm': (i) =>
        em.fork().transactional(async (inside) => {
          for (let n = 0; n < 5; n++) await inside.nativeUpdate('Task', { id: pick(stage, i + n) }, { title: `t${i}` })
        }),
    },
    'bulk-insert': {
      'mikro-orm': () => bulkInsert(em.fork()),
    },
    stream: { 'mikro-orm': () => stream(em.fork()) },
  }
}

function joined(em: EntityManager, from: number): Promise<object[]> {
  return em
    .createQueryBuilder('Task', 't')
    .select(['t.title', 'p.title as project'])
    .innerJoin('t.project', 'p')
    .where({ task_order: { $gt: from } })
    .orderBy({ task_order: 'asc', id: 'asc' })
    .limit(50)
    .execute('all')
}

function upsert(em: EntityManager): Promise<unknown> {
  const rows = changedSettings()
  return em.upsertMany('Setting', rows, {
    onConflictFields: ['key'],
    onConflictMergeFields: ['value'],
    batchSize: rows.length,
  })
}

function bulkInsert(em: EntityManager): Promise<unknown> {
  return em.transactional(async (inside) => {
    for (const rows of batches(freshChunks(), BATCH)) await inside.insertMany('Chunk', rows)
  })
}

async function stream(em: EntityManager): Promise<void> {
  let rows = 0
  const chunks = em.stream('Chunk', {
    where: { url: 'stream' },
    fields: STREAM_COLUMNS,
    orderBy: { id: 'asc' },
    chunkSize: 500,
  })
  for await (const _ of chunks) rows++
  mustBe(rows)
}
