import { mustBe, STREAM_COLUMNS } from '../cases/reads.ts'
import { sqlitePath } from '../drivers/libsql.ts'
import { BATCH, type Library, type LibraryCases } from '../libraries/library.ts'
import { batches, changedSettings, freshChunks } from '../rows.ts'
import { hundred, pick, type StageData } from '../stage.ts'
import type { Installed, Peer } from './peer.ts'
import { SQLITE_SETUP } from './sqlite.ts'
import { CHUNK_TABLE, type ColumnKind, type PeerTable, PROJECT_TABLE, SETTING_TABLE, TASK_TABLE } from './tables.ts'

/** What is used of the library, whose types are not there when this is compiled. */
interface TypeOrm {
  DataSource: new (options: object) => DataSource
  EntitySchema: new (options: object) => object
  MoreThan(value: unknown): unknown
  MoreThanOrEqual(value: unknown): unknown
  Between(low: unknown, high: unknown): unknown
}

interface DataSource extends Manager {
  initialize(): Promise<unknown>
  destroy(): Promise<void>
  getRepository(entity: string): Repository
  transaction(work: (manager: Manager) => Promise<unknown>): Promise<unknown>
}

interface Manager {
  createQueryBuilder(): QueryBuilder
  getRepository(entity: string): Repository
}

interface Repository {
  findOneBy(where: object): Promise<object | null>
  find(options: object): Promise<object[]>
  countBy(where: object): Promise<number>
  update(where: object, values: object): Promise<unknown>
  createQueryBuilder(alias: string): QueryBuilder
}

interface QueryBuilder {
  innerJoin(relation: string, alias: string): QueryBuilder
  select(columns: readonly string[]): QueryBuilder
  where(text: string, values: object): QueryBuilder
  orderBy(column: string): QueryBuilder
  addOrderBy(column: string): QueryBuilder
  limit(rows: number): QueryBuilder
  getRawMany(): Promise<object[]>
  stream(): Promise<AsyncIterable<{ metadata: unknown }>>
  insert(): InsertBuilder
}

interface InsertBuilder {
  into(entity: string): InsertBuilder
  values(rows: readonly object[]): InsertBuilder
  orUpdate(columns: readonly string[], keys: readonly string[]): InsertBuilder
  updateEntity(wanted: boolean): InsertBuilder
  execute(): Promise<unknown>
}

interface Target {
  /** What the library calls a moment and a JSON value there. */
  readonly timestamp: object
  readonly json: string
  readonly streams: boolean
  connect(url: string, installed: Installed): Promise<object>
}

const TIMESTAMP_TEXT = { type: 'datetime', precision: 3 }

const onMysql = (type: string): Target => ({
  timestamp: TIMESTAMP_TEXT,
  json: 'json',
  streams: true,
  connect: async (url) => ({ type, url, poolSize: 20, timezone: 'Z' }),
})

const TARGETS: Readonly<Record<string, Target>> = {
  sqlite: {
    timestamp: { type: 'integer', transformer: { from: asDate, to: asNumber } },
    json: 'simple-json',
    streams: false,
    connect: async (url, { load }) => ({
      type: 'better-sqlite3',
      driver: (await load<{ default: object }>('libsql')).default,
      database: sqlitePath(url),
      prepareDatabase: (db: { exec(text: string): void }) => db.exec(SQLITE_SETUP.join(';')),
    }),
  },
  pg: {
    timestamp: { type: 'timestamptz', precision: 3 },
    json: 'jsonb',
    streams: true,
    connect: async (url) => ({ type: 'postgres', url, poolSize: 20, installExtensions: false }),
  },
  mysql: onMysql('mysql'),
  mariadb: onMysql('mariadb'),
}

function asDate(value: number | null): Date | null {
  return value === null ? null : new Date(value)
}

function asNumber(value: Date | null | undefined): number | null | undefined {
  return value?.getTime()
}

export const typeorm: Peer = {
  name: 'typeorm',
  version: '1.1.1',
  packages: { typeorm: '1.1.1', libsql: '0.5.29', mysql2: '3.24.5', pg: '8.23.1', 'pg-query-stream': '4.9.6' },
  backends: Object.keys(TARGETS),
  async open(installed, backend, url): Promise<Library> {
    const target = TARGETS[backend] as Target
    const library = await installed.load<TypeOrm>('typeorm')
    const entities = entitiesOf(library, target)
    const db = new library.DataSource({ ...(await target.connect(url, installed)), entities })
    await db.initialize()
    return { cases: (stage) => casesOf(library, db, target, stage), close: () => db.destroy() }
  },
}

function entitiesOf({ EntitySchema }: TypeOrm, target: Target): object[] {
  const entity = (name: string, { table, columns }: PeerTable, relations: object = {}): object =>
    new EntitySchema({
      name,
      tableName: table,
      columns: Object.fromEntries(Object.entries(columns).map(([column, kind]) => [column, columnOf(kind, target)])),
      relations,
    })
  const project = { type: 'many-to-one', target: 'Project', joinColumn: { name: 'project_id' } }
  return [
    entity('Task', TASK_TABLE, { project }),
    entity('Project', PROJECT_TABLE),
    entity('Setting', SETTING_TABLE),
    entity('Chunk', CHUNK_TABLE),
  ]
}

function columnOf(kind: ColumnKind, { timestamp, json }: Target): object {
  const text = { type: 'text', nullable: true }
  const kinds: Record<ColumnKind, object> = {
    uuidKey: { type: 'varchar', primary: true, generated: 'uuid' },
    numberedKey: { type: 'integer', primary: true, generated: 'increment' },
    uuid: { type: 'varchar', nullable: true },
    text,
    uniqueText: { type: 'varchar', unique: true },
    status: text,
    priority: text,
    integer: { type: 'integer', nullable: true },
    boolean: { type: 'boolean', nullable: true },
    json: { type: json, nullable: true },
    timestamp: { ...timestamp, nullable: true },
  }
  return kinds[kind]
}

function casesOf(library: TypeOrm, db: DataSource, target: Target, stage: StageData): LibraryCases {
  const { MoreThan, MoreThanOrEqual, Between } = library
  const tasks = db.getRepository('Task')
  const read = (index: number): Promise<unknown> => tasks.findOneBy({ id: pick(stage, index) })
  const list = { id: true, title: true, status: true, sources: true, task_order: true, created_at: true }
  const order = { task_order: 'ASC', id: 'ASC' }
  return {
    'point-read': { typeorm: read },
    'point-write': { typeorm: (i) => tasks.update({ id: pick(stage, i) }, { title: `title ${i}` }) },
    'list-50': {
      typeorm: (i) => tasks.find({ select: list, where: { task_order: MoreThan(i % 4000) }, order, take: 50 }),
    },
    'filtered-count': {
      typeorm: (i) => tasks.countBy({ status: 'todo', task_order: MoreThanOrEqual(i % 4000) }),
    },
    join: { typeorm: (i) => joined(tasks, i % 4000) },
    'concurrent-100': { typeorm: (i) => hundred(read, i) },
    upsert: { typeorm: () => upsert(db) },
    'update-by-filter': {
      typeorm: (i) => tasks.update({ task_order: Between(1000, 1500) }, { feature: `f${i}` }),
    },
    transaction: {
      typeorm: (i) =>
        db.transaction(async (manager) => {
          const inside = manager.getRepository('Task')
          for (let n = 0; n < 5; n++) await inside.update({ id: pick(stage, i + n) }, { title: `t${i}` })
        }),
    },
    'bulk-insert': { typeorm: () => bulkInsert(db) },
    ...(target.streams && { stream: { typeorm: () => stream(db) } }),
  }
}

function joined(tasks: Repository, from: number): Promise<object[]> {
  return tasks
    .createQueryBuilder('t')
    .innerJoin('t.project', 'p')
    .select(['t.title as title', 'p.title as project'])
    .where('t.task_order > :from', { from })
    .orderBy('t.task_order')
    .addOrderBy('t.id')
    .limit(50)
    .getRawMany()
}

function upsert(db: DataSource): Promise<unknown> {
  const insert = db.createQueryBuilder().insert().into('Setting').values(changedSettings())
  return insert.orUpdate(['value'], ['key']).updateEntity(false).execute()
}

function bulkInsert(db: DataSource): Promise<unknown> {
  return db.transaction(async (manager) => {
    for (const rows of batches(freshChunks(), BATCH))
      await manager.createQueryBuilder().insert().into('Chunk').values(rows).updateEntity(false).execute()
  })
}

async function stream(db: DataSource): Promise<void> {
  const query = db
    .getRepository('Chunk')
    .createQueryBuilder('c')
    .select(STREAM_COLUMNS.map((column) => `c.${column} as ${column}`))
    .where('c.url = :url', { url: 'stream' })
    .orderBy('c.id')
  let rows = 0
  for await (const { metadata } of await query.stream()) {
    // The rows come as the driver gives them.
    if (typeof metadata === 'string') JSON.parse(metadata)
    rows++
  }
  mustBe(rows)
}
