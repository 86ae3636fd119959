import {
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  Kysely,
  MysqlAdapter,
  MysqlIntrospector,
  MysqlQueryCompiler,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely'
import type { RawDriver } from '../drivers/raw.ts'
import { pick, type StageData } from '../stage.ts'
import type { Library, LibraryCases } from './library.ts'

interface Task {
  id: string
  title: string
  project_id: string
  status: string
  sources: unknown
  task_order: number
  created_at: unknown
}

interface Schema {
  archon_tasks: Task
  archon_projects: { id: string; title: string }
}

const PARTS = {
  postgres: [PostgresAdapter, PostgresQueryCompiler, PostgresIntrospector],
  mysql: [MysqlAdapter, MysqlQueryCompiler, MysqlIntrospector],
  sqlite: [SqliteAdapter, SqliteQueryCompiler, SqliteIntrospector],
} as const

/** Kysely on the very driver that it is compared with. */
export function kyselyOn(kind: keyof typeof PARTS, raw: RawDriver): Library {
  const [Adapter, Compiler, Introspector] = PARTS[kind]
  const dialect: Dialect = {
    createAdapter: () => new Adapter(),
    createDriver: () => driverOver(raw),
    createIntrospector: (db) => new Introspector(db),
    createQueryCompiler: () => new Compiler(),
  }
  const db = new Kysely<Schema>({ dialect })
  return { cases: (stage) => kyselyCases(db, stage), close: () => db.destroy() }
}

function driverOver(raw: RawDriver): Driver {
  const unused = async (): Promise<void> => {}
  const connection: DatabaseConnection = {
    async executeQuery<Row>({ sql, parameters, query }: CompiledQuery): Promise<QueryResult<Row>> {
      if (query.kind === 'SelectQueryNode') return { rows: [...(await raw.all(sql, parameters))] as Row[] }
      await raw.run(sql, parameters)
      return { rows: [] }
    },
    streamQuery() {
      throw new Error('Nothing is streamed here.')
    },
  }
  return {
    init: unused,
    acquireConnection: async () => connection,
    beginTransaction: unused,
    commitTransaction: unused,
    rollbackTransaction: unused,
    releaseConnection: unused,
    destroy: unused,
  }
}

function kyselyCases(db: Kysely<Schema>, stage: StageData): LibraryCases {
  const tasks = db.selectFrom('archon_tasks')
  const read = (id: string): Promise<unknown> => tasks.selectAll().where('id', '=', id).execute()
  return {
    'point-read': { kysely: (i) => read(pick(stage, i)) },
    'point-write': {
      kysely: (i) =>
        db
          .updateTable('archon_tasks')
          .set({ title: `title ${i}` })
          .where('id', '=', pick(stage, i))
          .execute(),
    },
    'list-50': {
      kysely: (i) =>
        tasks
          .select(['id', 'title', 'status', 'sources', 'task_order', 'created_at'])
          .where('task_order', '>', i % 4000)
          .orderBy('task_order')
          .orderBy('id')
          .limit(50)
          .execute(),
    },
    'filtered-count': {
      kysely: (i) =>
        tasks
          .select((eb) => eb.fn.countAll().as('n'))
          .where('status', '=', 'todo')
          .where('task_order', '>=', i % 4000)
          .execute(),
    },
    join: {
      kysely: (i) =>
        db
          .selectFrom('archon_tasks as t')
          .innerJoin('archon_projects as p', 't.project_id', 'p.id')
          .select(['t.title', 'p.title as project'])
          .where('t.task_order', '>', i % 4000)
          .orderBy('t.task_order')
          .orderBy('t.id')
          .orderBy('p.id')
          .limit(50)
          .execute(),
    },
    'concurrent-100': {
      kysely: (i) => Promise.all(Array.from({ length: 100 }, (_, n) => read(pick(stage, i + n)))),
    },
  }
}
