import assert from 'node:assert/strict'
import type { ColumnInfo, TableInfo } from '@archon-db/core'
import { type Suite, suite } from '../../harness/index.ts'
import { indexes } from './indexes/index.ts'
import { FOREIGN_KEYS, SEEDED, TABLES, UNIQUES } from './reference.ts'

export const schema: Suite = suite('schema', (t) => {
  indexes(t)
  for (const [table, columns] of Object.entries(TABLES)) {
    const id = table.replaceAll('_', '-')
    t.behaviour(`columns.${id}`, async ({ db }) => {
      const info = tableOf(db.schema.tables, table)
      const described = info.columns.filter((column) => column.kind !== 'generated').map(describe)
      assert.deepEqual(described.sort(), [...columns].sort())
    })

    t.behaviour(`readable.${id}`, async ({ db }) => {
      const { rows } = await db.select(table, { limit: 1 })
      assert.deepEqual(rows, [])
    })

    t.behaviour(`keys.${id}`, async ({ db }) => {
      const info = tableOf(db.schema.tables, table)
      const keys = info.uniques.map((unique) => unique.columns.join()).sort()
      assert.deepEqual(keys, (UNIQUES[table] ?? []).map((key) => key.join()).sort())
      const foreign = info.foreignKeys.map(
        (key) => `${key.columns.join()} → ${key.table}.${key.references.join()} ${key.onDelete}`,
      )
      assert.deepEqual(foreign.sort(), [...(FOREIGN_KEYS[table] ?? [])].sort())
      assert.equal(info.primaryKey.length, 1)
    })
  }

  t.behaviour('seeds.a-new-database-has-them', { needs: 'ledger' }, async ({ fresh }) => {
    const { db } = await fresh()
    for (const table of Object.keys(TABLES)) assert.equal(await db.count(table), SEEDED[table] ?? 0, table)
    const categories = await db.aggregate<{ category: string; n: number }>('archon_settings', {
      groupBy: ['category'],
      aggregates: { n: 'count' },
    })
    assert.deepEqual(Object.fromEntries(categories.map((row) => [row.category, row.n])), {
      api_keys: 5,
      code_extraction: 12,
      features: 1,
      monitoring: 1,
      rag_strategy: 23,
      server_config: 3,
    })
  })

  t.behaviour('seeds.the-settings-the-application-reads', { needs: 'ledger' }, async ({ fresh }) => {
    const { db } = await fresh()
    const { rows } = await db.select<{ key: string; value: string }>('archon_settings', { columns: ['key', 'value'] })
    const values = Object.fromEntries(rows.map((row) => [row.key, row.value]))
    const expected = {
      HOST: 'localhost',
      PORT: '8051',
      PROJECTS_ENABLED: 'true',
      LLM_PROVIDER: 'openai',
      USE_HYBRID_SEARCH: 'true',
      EMBEDDING_BATCH_SIZE: '200',
      DISPATCHER_CHECK_INTERVAL: '0.5',
      OPENAI_API_KEY: null,
    }
    for (const [key, value] of Object.entries(expected)) assert.equal(values[key], value, key)
  })
})

function tableOf(tables: ReadonlyMap<string, TableInfo>, name: string): TableInfo {
  const table = tables.get(name)
  assert.ok(table, `${name} is missing`)
  return table
}

function describe(column: ColumnInfo): string {
  const found = column.default
  const fallback = !found ? '' : found.type === 'value' ? ` = ${literal(column, found.value)}` : ` = ${found.type}`
  return `${column.name} ${kindOf(column)}${column.nullable ? '' : '!'}${fallback}`
}

function literal(column: ColumnInfo, value: unknown): string {
  // The reference writes lists with a blank after the comma.
  return column.kind === 'json' ? JSON.stringify(value).replaceAll('","', '", "') : JSON.stringify(value)
}

function kindOf({ kind, maxLength, values, dimension }: ColumnInfo): string {
  if (kind === 'enum') return `enum(${values?.join('|')})`
  if (kind === 'vector') return `vector(${dimension})`
  return maxLength === undefined ? kind : `varchar(${maxLength})`
}
