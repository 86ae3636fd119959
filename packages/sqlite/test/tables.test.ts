import type { ColumnInfo } from '@archon-db/core/dialect'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { NOW } from '../src/columns.ts'
import { schema } from '../src/schema.ts'
import { migrate, openMigrated, type TestDatabase } from './migrated.ts'
import { REFERENCE_COLUMNS, REFERENCE_INDEXES } from './reference.ts'

let db: TestDatabase
beforeAll(async () => {
  db = await openMigrated()
})
afterAll(() => db.close())

const tableNames = [...schema.tables.keys()]

describe('the description of the tables', () => {
  test('has the columns of the reference, no more and no less', () => {
    const described = Object.fromEntries(
      [...schema.tables.values()].map((table) => [table.name, table.columns.map(describeColumn)]),
    )
    expect(described).toEqual(REFERENCE_COLUMNS)
  })

  function describeColumn(column: ColumnInfo): string {
    const type = {
      enum: 'text',
      text: column.maxLength ? `varchar(${column.maxLength})` : 'text',
      vector: `vector(${column.dimension})`,
    }[column.kind as string]
    return `${column.name} ${type ?? column.kind}${column.nullable ? '' : '!'}${describeDefault(column)}`
  }

  function describeDefault({ kind, default: found }: ColumnInfo): string {
    if (!found) return ''
    if (found.type !== 'value') return ` = ${found.type}`
    return kind === 'json' || typeof found.value !== 'string'
      ? ` = ${JSON.stringify(found.value)}`
      : ` = '${found.value}'`
  }
})

describe('the migrated database', () => {
  test.each(tableNames)('%s has its columns, types, nullability and defaults', async (table) => {
    const columns = await db.rows(
      `select name, lower(type) as type, "notnull", dflt_value from pragma_table_info('${table}')`,
    )
    expect(columns.map(({ name, type, notnull, dflt_value }) => [name, type, notnull, dflt_value])).toEqual(
      REFERENCE_COLUMNS[table]?.map(physicalColumn),
    )
  })

  function physicalColumn(line: string): unknown[] {
    const [, name, type = '', notNull, value] = /^(\w+) ([\w()]+)(!?)(?: = (.*))?$/.exec(line) ?? []
    return [name, physicalType(type), notNull ? 1 : 0, physicalDefault(type, value)]
  }

  function physicalType(type: string): string {
    if (type.startsWith('vector')) return type.replace('vector', 'f32_blob')
    if (type.startsWith('varchar')) return type.replace('varchar', 'text')
    if (type === 'uuid') return 'text(36)'
    if (type === 'double') return 'real'
    return type === 'text' || type === 'json' ? 'text' : 'integer'
  }

  function physicalDefault(type: string, value: string | undefined): unknown {
    if (value === undefined || value === 'sequence') return null
    if (value === 'now') return NOW.slice(1, -1)
    if (value === 'uuid') return expect.stringMatching(/^lower\(hex\(randomblob\(4\)\)/)
    return type === 'json' ? `'${value}'` : value
  }

  test('has every index of the reference and no other', async () => {
    const rows = await db.rows(
      `select m.name, m.tbl_name, m.sql from sqlite_master m where m.type = 'index' and m.sql is not null order by m.name`,
    )
    const found = rows.map(({ name, tbl_name, sql }) => [name, `${uniqueness(sql)}${tbl_name} (${indexed(sql)})`])
    expect(Object.fromEntries(found)).toEqual(REFERENCE_INDEXES)
  })

  function uniqueness(sql: unknown): string {
    return String(sql).startsWith('CREATE UNIQUE') ? 'unique ' : ''
  }

  function indexed(sql: unknown): string {
    const list = /\((.*)\)$/.exec(String(sql))?.[1] ?? ''
    return list
      .replace(`json_extract("metadata", '$.knowledge_type')`, 'metadata.knowledge_type')
      .replace(/[`"]/g, '')
      .replaceAll(',', ', ')
  }

  test.each(tableNames)('%s has the keys and checks that its description names', async (table) => {
    const info = schema.tables.get(table)
    const key = await db.rows(`select name from pragma_table_info('${table}') where pk > 0 order by pk`)
    expect(key.map(({ name }) => name)).toEqual(info?.primaryKey)

    const foreign = await db.rows(`select "from", "table", "to", on_delete from pragma_foreign_key_list('${table}')`)
    const described = info?.foreignKeys.map((found) => {
      return {
        from: found.columns[0],
        table: found.table,
        to: found.references[0],
        on_delete: found.onDelete.toUpperCase(),
      }
    })
    expect(sorted(foreign)).toEqual(sorted(described ?? []))

    const sql = String(await db.value(`select sql from sqlite_master where name = '${table}'`))
    expect([...sql.matchAll(/CONSTRAINT "(\w+)" CHECK/g)].map((match) => match[1]).toSorted()).toEqual(
      info?.checks.toSorted(),
    )
  })

  function sorted(rows: readonly object[]): string[] {
    return rows.map((row) => JSON.stringify(row)).toSorted()
  }

  test('gives every default when nothing is said', async () => {
    const before = Date.now()
    const [task] = await db.rows(`insert into archon_tasks (title) values ('defaults') returning *`)
    expect(task).toMatchObject({
      status: 'todo',
      assignee: 'User',
      task_order: 0,
      priority: 'medium',
      sources: '[]',
      archived: 0,
    })
    expect(task?.id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    expect(task?.created_at).toBeGreaterThanOrEqual(before)
    expect(task?.created_at).toBeLessThanOrEqual(Date.now())
    await db.rows(`delete from archon_tasks`)
  })

  test('never gives the number of a deleted row again', async () => {
    await db.rows(`insert into archon_sources (source_id) values ('numbers')`)
    const insert = `insert into archon_crawled_pages (url, chunk_number, content, source_id) values ('n', 0, 'x', 'numbers') returning id`
    const first = Number(await db.value(insert))
    await db.rows(`delete from archon_crawled_pages`)
    expect(await db.value(insert)).toBe(first + 1)
    await db.rows(`delete from archon_sources`)
  })
})

describe('down', () => {
  const objects = () =>
    db.rows(`select type, name, tbl_name, sql from sqlite_master where name not like 'sqlite_%' order by type, name`)

  test('leaves nothing, and up makes the same again', async () => {
    await db.rows(`insert into archon_sources (source_id) values ('s')`)
    await db.rows(`insert into archon_crawled_pages (url, chunk_number, content, source_id) values ('u', 0, 'c', 's')`)
    const first = await objects()
    await migrate(db.client, '0001_initial', 'down')
    expect(await objects()).toEqual([])
    expect(await db.rows(`select * from sqlite_sequence`)).toEqual([])
    await migrate(db.client, '0001_initial', 'up')
    expect(await objects()).toEqual(first)
    expect(await db.value(`select count(*) from archon_sources`)).toBe(0)
  })
})
