import type { Connection } from '@archon-db/core/dialect'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { connectSqlite } from '../../src/connect.ts'
import { migration, migrator } from './fixtures.ts'

let connection: Connection

beforeEach(async () => {
  connection = await connectSqlite({ url: ':memory:' })
})

afterEach(() => connection.close())

const trees = migration(
  1,
  'trees',
  [
    'create table trees (id integer primary key, name text)',
    'create table leaves (id integer primary key, tree integer not null references trees (id) on delete cascade)',
    "insert into trees (id, name) values (1, 'oak'), (2, 'elm')",
    'insert into leaves (tree) values (1), (1), (2)',
  ],
  ['drop table leaves', 'drop table trees'],
)

/** What SQLite asks for where ALTER TABLE is not enough. */
const rebuild = [
  'create table new_trees (id integer primary key, name text not null)',
  'insert into new_trees select id, name from trees',
  'drop table trees',
  'alter table new_trees rename to trees',
]

const select = async (text: string): Promise<unknown[][]> => {
  return (await connection.query({ text, params: [], write: false, tables: [], prepare: false })).rows
}

const run = (text: string): Promise<unknown> =>
  connection.run({ text, params: [], write: true, tables: [], prepare: false })

test('a table that others reference is rebuilt, and their rows stay', async () => {
  await migrator(connection, [trees, migration(2, 'names', rebuild, rebuild)]).migrate()
  expect(await select('select tree from leaves order by id')).toEqual([[1], [1], [2]])
  await run('delete from trees where id = 1')
  expect(await select('select tree from leaves'), 'the foreign key points at the new table').toEqual([[2]])
})

test('foreign keys hold again afterwards, also when the migration failed', async () => {
  await migrator(connection, [trees]).migrate()
  await expect(run('insert into leaves (tree) values (9)')).rejects.toThrow()
  const broken = migration(2, 'broken', ['create table trees (id integer)'], ['drop table trees'])
  await expect(migrator(connection, [trees, broken]).migrate()).rejects.toMatchObject({ code: 'migration_failed' })
  await expect(run('insert into leaves (tree) values (9)')).rejects.toThrow()
})

test('a migration that leaves rows without their parents is refused as a whole', async () => {
  await migrator(connection, [trees]).migrate()
  const felling = migration(
    2,
    'felling',
    ['delete from trees where id = 2', 'create table logs (id integer)'],
    ['drop table logs'],
  )
  await expect(migrator(connection, [trees, felling]).migrate()).rejects.toMatchObject({
    code: 'foreign_key_violation',
    table: 'leaves',
    message: expect.stringMatching(/leaves .* trees/),
  })
  expect(await select('select id from trees order by id')).toEqual([[1], [2]])
  expect((await migrator(connection, [trees, felling]).status()).pending).toEqual([
    { version: 2, name: 'felling', late: false },
  ])
})
