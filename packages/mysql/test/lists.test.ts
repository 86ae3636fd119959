import { sql } from '@archon-db/core/dialect'
import { MySqlDialect } from 'drizzle-orm/mysql-core'
import { describe, expect, test } from 'vitest'
import { inList, List, type RawValue, spreadLists } from '../src/lists.ts'

const renderer = new MySqlDialect()

function statement(type: string, item: (value: ReturnType<typeof sql>) => ReturnType<typeof sql>): string {
  return renderer.sqlToQuery(inList(sql.raw('x'), sql`${'here'}`, type, item)).sql
}

const PLAIN = statement('bigint', (value) => value)
const CAST = statement('longtext', (value) => sql`cast(${value} as binary)`)

describe('spreadLists', () => {
  test('gives each value a place, in few sizes', () => {
    expect(spreadLists(PLAIN, [new List([7])])).toEqual({ text: '(x in (?))', params: [7] })
    expect(spreadLists(PLAIN, [new List([1, 2, 3])])).toEqual({ text: '(x in (?,?,?,?))', params: [1, 2, 3, 3] })
    expect(spreadLists(PLAIN, [new List([1, 2, 3, 4, 5])]).params).toHaveLength(8)
  })

  test('repeats what is done to each value', () => {
    expect(spreadLists(CAST, [new List(['a', 'b'])]).text).toBe('(x in (cast(? as binary),cast(? as binary)))')
  })

  test('leaves other values where they are', () => {
    const text = `a = ? and ${PLAIN} and b = ? and ${CAST}`
    const spread = spreadLists(text, ['first', new List([1, 2]), null, new List(['z'])])
    expect(spread.text).toBe('a = ? and (x in (?,?)) and b = ? and (x in (cast(? as binary)))')
    expect(spread.params).toEqual(['first', 1, 2, null, 'z'])
  })

  test('sends a long list as one document', () => {
    const values: RawValue[] = Array.from({ length: 5000 }, (_, i) => i)
    const spread = spreadLists(CAST, [new List(values)])
    expect(spread.text).toBe(
      "(x in (select /*+ subquery(materialization) */ cast(v as binary) from json_table(?, '$[*]' columns (v varchar(512) path '$')) as list))",
    )
    expect(spread.params).toEqual([JSON.stringify(values)])
  })

  test('leaves long texts in a long list as they are', () => {
    const values: RawValue[] = [...Array.from({ length: 5000 }, (_, i) => `${i}`), 'x'.repeat(513)]
    expect(spreadLists(CAST, [new List(values)]).text).toBe(
      "(x in (select cast(v as binary) from json_table(?, '$[*]' columns (v longtext path '$')) as list))",
    )
  })

  test('writes every kind of value into a document', () => {
    const odd = [true, 2n ** 60n, new Date('2024-02-29T12:00:00.123Z'), 'quo"te', 1.5]
    const filler = new Array<RawValue>(5000).fill(0)
    const [document] = spreadLists(PLAIN, [new List([...odd, ...filler])]).params
    expect(String(document)).toMatch(/^\[1,1152921504606846976,"2024-02-29 12:00:00\.123","quo\\"te",1\.5,0,/)
  })
})
