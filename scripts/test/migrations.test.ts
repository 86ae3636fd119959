import { describe, expect, test } from 'vitest'
import {
  type ColumnInfo,
  describeSchema,
  describeTable,
  type Schema,
  type TableInfo,
} from '../../packages/core/src/schema.ts'
import { compareNumbers } from '../migrations/numbers.ts'
import { compareSchemas } from '../migrations/schemas.ts'

describe('numbers', () => {
  test('the same on all dialects is right', () => {
    const labels = ['0001_initial', '0002_seed']
    expect(
      compareNumbers([
        { dialect: 'a', labels },
        { dialect: 'b', labels },
      ]),
    ).toEqual([])
  })

  test('a dialect that lacks one, or calls it something else, is named', () => {
    const a = { dialect: 'a', labels: ['0001_initial', '0002_seed'] }
    const b = { dialect: 'b', labels: ['0001_initial', '0002_seeds'] }
    expect(compareNumbers([a, b])).toEqual([
      'packages/b/drizzle lacks 0002_seed, which a has.',
      'packages/a/drizzle lacks 0002_seeds, which b has.',
    ])
  })

  test('a gap is named', () => {
    const labels = ['0001_initial', '0003_later']
    expect(compareNumbers([{ dialect: 'a', labels }])).toEqual(['packages/a/drizzle counts 1, 3 instead of 1 to 2.'])
  })
})

const id: ColumnInfo = {
  key: 'id',
  name: 'id',
  kind: 'uuid',
  nullable: false,
  primaryKey: true,
  autoIncrement: false,
  default: { type: 'uuid' },
}
const title: ColumnInfo = {
  key: 'title',
  name: 'title',
  kind: 'text',
  nullable: false,
  primaryKey: false,
  autoIncrement: false,
}

type Parts = Partial<Omit<TableInfo, 'primaryKey' | 'byName' | 'byKey'>>

function schemaOf(parts: Parts = {}): Schema {
  return describeSchema([
    describeTable({ name: 'books', columns: [id, title], uniques: [], foreignKeys: [], checks: [], ...parts }),
  ])
}

function differences(other: Schema): string[] {
  return compareSchemas([
    { dialect: 'a', schema: schemaOf() },
    { dialect: 'b', schema: other },
  ])
}

describe('schemas', () => {
  test('the same on both is right', () => {
    expect(differences(schemaOf())).toEqual([])
  })

  test.each<[string, Parts, string]>([
    ['a missing column', { columns: [id] }, 'column books.title is on a and not on b.'],
    [
      'another nullability',
      { columns: [id, { ...title, nullable: true }] },
      'books.title: nullable is false on a and true on b.',
    ],
    [
      'another default',
      { columns: [id, { ...title, default: { type: 'value', value: '' } }] },
      'books.title: default is null on a and {"type":"value","value":""} on b.',
    ],
    [
      'another type',
      { columns: [id, { ...title, kind: 'json' }] },
      'books.title: kind is "text" on a and "json" on b.',
    ],
    [
      'a unique key',
      { uniques: [{ name: 'one_title', columns: ['title'] }] },
      'books has a unique key one_title (title): is on b and not on a.',
    ],
    [
      'a foreign key',
      { foreignKeys: [{ columns: ['id'], table: 'shelves', references: ['id'], onDelete: 'cascade' }] },
      'books has a foreign key (id) to shelves (id) on delete cascade: is on b and not on a.',
    ],
  ])('%s is named', (_, parts, message) => {
    expect(differences(schemaOf(parts))).toEqual([message])
  })

  test('a missing table is named', () => {
    expect(differences(describeSchema([]))).toEqual(['table books is on a and not on b.'])
  })

  test('columns that a database keeps for itself do not count', () => {
    const own: ColumnInfo = { ...title, key: 'words', name: 'words', kind: 'generated' }
    expect(differences(schemaOf({ columns: [id, title, own] }))).toEqual([])
  })
})
