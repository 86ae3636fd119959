import { createConnection, type RowDataPacket } from 'mysql2/promise'
import postgres from 'postgres'
import { describe, expect, test } from 'vitest'
import { databasesOn } from '../../src/servers/index.ts'
import { ownServer, startMs } from './machine.ts'

const mysqlTemplate = [
  'create table child (id bigint primary key, parent_id bigint not null, constraint to_parent foreign key (parent_id) references parent (id) on delete cascade)',
  "create table parent (id bigint primary key auto_increment, name varchar(20) not null, upper_name varchar(20) generated always as (upper(name)) stored, constraint named check (name <> ''))",
  "insert into parent (name) values ('a')",
  "create trigger marked before insert on parent for each row set new.name = concat(new.name, '!')",
  'create function plus_one(x int) returns int deterministic return x + 1',
  'create view names as select name from parent',
]

describe.each([
  { kind: 'mysql', gone: 'ER_BAD_DB_ERROR' },
  { kind: 'mariadb', gone: 'ER_NO_SUCH_TABLE' },
] as const)('$kind', { timeout: startMs }, ({ kind, gone }) => {
  test('a clone has the rows, constraints and programs of its template, and is a database of its own', async (context) => {
    const databases = databasesOn(await ownServer(kind, context))
    const template = await createConnection(await databases.create('template_a'))
    await template.query('set foreign_key_checks = 0')
    for (const statement of mysqlTemplate) await template.query(statement)
    await template.end()

    const clone = await createConnection(await databases.clone('template_a', 'clone_a'))
    await clone.query("insert into parent (name) values ('b')")
    const [rows] = await clone.query<RowDataPacket[]>(
      'select id, name, upper_name, plus_one(id) as next from parent order by id',
    )
    expect(rows).toEqual([
      { id: 1, name: 'a', upper_name: 'A', next: 2 },
      { id: 2, name: 'b!', upper_name: 'B!', next: 3 },
    ])
    expect((await clone.query('select name from names order by name'))[0]).toEqual([{ name: 'a' }, { name: 'b!' }])
    await expect(clone.query('insert into child values (1, 99)')).rejects.toThrow(/foreign key constraint fails/)
    await clone.end()

    const other = await createConnection(await databases.clone('template_a', 'clone_b'))
    expect((await other.query('select count(*) as n from parent'))[0]).toEqual([{ n: 1 }])
    await databases.drop('clone_b')
    await expect(other.query('select count(*) as n from parent')).rejects.toMatchObject({ code: gone })
    await other.end()
    await databases.close()
  })
})

describe('PostgreSQL', { timeout: startMs }, () => {
  test('a clone has what its template has, and goes although someone is connected', async (context) => {
    const databases = databasesOn(await ownServer('postgres', context))
    const template = postgres(await databases.create('template_a'), { max: 1 })
    await template`create table t (n int)`
    await template`insert into t values (1)`
    await template.end()

    const urls = await Promise.all([databases.clone('template_a', 'clone_a'), databases.clone('template_a', 'clone_b')])
    const [first, second] = urls.map((url) => postgres(url, { max: 1, onnotice: () => {} }))
    await first!`insert into t values (2)`
    expect([...(await first!`select n from t order by n`)]).toEqual([{ n: 1 }, { n: 2 }])
    expect([...(await second!`select n from t`)]).toEqual([{ n: 1 }])
    await databases.drop('clone_a')
    await databases.drop('clone_a')
    await expect(first!`select 1`).rejects.toThrow()
    await Promise.all([first!.end({ timeout: 1 }), second!.end({ timeout: 1 }), databases.close()])
  })

  test('a name that is more than a name is refused', async (context) => {
    const databases = databasesOn(await ownServer('postgres', context))
    await expect(databases.create('a; drop table b')).rejects.toThrow('is not a name for a test database')
    await databases.close()
  })
})
