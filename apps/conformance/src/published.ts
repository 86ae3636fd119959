/**
 * `node apps/conformance/src/published.ts`: the packages as npm delivers them, built and not from source, beside a
 * Drizzle that the user brings. Theirs may be another copy of the same classes.
 */
import assert from 'node:assert/strict'
import { tables as mysqlTables } from '@archon-db/mysql'
import { tables as pgTables } from '@archon-db/pg'
import { drizzle as pgDrizzle } from '@archon-db/pg/drizzle'
import { tables as sqliteTables } from '@archon-db/sqlite'
import { drizzle as sqliteDrizzle } from '@archon-db/sqlite/drizzle'
import { connect, sql as ownSql } from 'archon-db'
import { eq, getTableColumns, sql } from 'drizzle-orm'
import { getTableConfig, QueryBuilder } from 'drizzle-orm/mysql-core'

type Database = Awaited<ReturnType<typeof connect>>
type Task = { readonly title: string; readonly sources: unknown }

async function onDatabase(url: string, tasksOf: (db: Database) => Promise<readonly Task[]>): Promise<void> {
  const db = await connect({ url })
  await db.migrate()
  await db.repositories.projects.create({ id: PROJECT, title: 'p' })
  await db.insert('archon_tasks', { title: 't', project_id: PROJECT, sources: [{ a: 1 }] })
  const [task] = await tasksOf(db)
  assert.deepEqual([task?.title, task?.sources], ['t', [{ a: 1 }]])
  for (const text of [sql`select ${7} + 0 as n`, ownSql`select ${7} + 0 as n`])
    assert.equal(Number((await db.execute(text)).rows[0]?.n), 7)
  await db.close()
}

const PROJECT = '00000000-0000-4000-8000-000000000001'

await onDatabase(':memory:', (db) => {
  const { tasks } = sqliteTables
  return sqliteDrizzle(db).select().from(tasks).where(eq(tasks.projectId, PROJECT))
})
await onDatabase('pglite:', (db) => {
  const { tasks } = pgTables
  return pgDrizzle(db).select().from(tasks).where(eq(tasks.projectId, PROJECT))
})

/** MySQL needs a server, so its tables alone are read. */
function readMysqlTables(): void {
  const { tasks } = mysqlTables
  assert.equal(getTableColumns(tasks).projectId.name, 'project_id')
  assert.equal(getTableConfig(tasks).name, 'archon_tasks')
  const { sql: text, params } = new QueryBuilder()
    .select({ id: tasks.id })
    .from(tasks)
    .where(eq(tasks.title, 't'))
    .toSQL()
  assert.deepEqual([text, params], ['select `id` from `archon_tasks` where `archon_tasks`.`title` = ?', ['t']])
}

readMysqlTables()
console.log('The packages as published work beside a Drizzle of the user.')
