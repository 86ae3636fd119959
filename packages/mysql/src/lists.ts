import { sql } from '@archon-db/core/dialect'
import type { SQL } from 'drizzle-orm'

/** What the driver binds. */
export type RawValue = string | number | bigint | boolean | Date | Uint8Array

/**
 * A list of any length as one parameter. How long it is shows only when a statement runs, and MySQL finds rows by an
 * index only when the values stand one by one: so the place of the list is marked, and spread out then.
 */
export class List {
  readonly values: readonly RawValue[]

  constructor(values: readonly RawValue[]) {
    this.values = values
  }
}

const PLACE = /\/\*list (.*?)\*\/(.*?)\/\*end\*\//g

/** `expr in (…)`. `item` is one value of the list as it is compared, `type` what JSON_TABLE should take it for. */
export function inList(expr: SQL, list: SQL, type: string, item: (value: SQL) => SQL): SQL {
  return sql`(${expr} in (${sql.raw(`/*list ${type}*/`)}${item(list)}${sql.raw('/*end*/')}))`
}

/** Longer lists go as one JSON document. */
const MOST_PLACES = 4096

/** The document is read once, whatever is known of the table so far; otherwise it may be read again for every row. */
const MATERIALIZED = '/*+ subquery(materialization) */ '

/** What keeps a table of texts in memory: MySQL makes none of longtext. */
const SHORT = 512

function textType(values: readonly RawValue[]): string {
  return values.every((value) => String(value).length <= SHORT) ? `varchar(${SHORT})` : 'longtext'
}

interface Spread {
  readonly text: string
  readonly params: unknown[]
}

/** The statement with each list in its place. */
export function spreadLists(text: string, params: readonly unknown[]): Spread {
  const lists = params.filter((param) => param instanceof List)
  let next = 0
  const spread = text.replace(PLACE, (_, type: string, item: string) => {
    const { values } = lists[next++] as List
    if (values.length <= MOST_PLACES) return new Array(places(values.length)).fill(item).join()
    const narrow = type.replace(/^longtext/, () => textType(values))
    const hint = narrow.startsWith('longtext') ? '' : MATERIALIZED
    return `select ${hint}${item.replace('?', 'v')} from json_table(?, '$[*]' columns (v ${narrow} path '$')) as list`
  })
  return { text: spread, params: params.flatMap((param) => (param instanceof List ? spreadValues(param) : [param])) }
}

/** Few sizes, so that few statements are prepared; the last value fills the rest. */
function places(length: number): number {
  return 2 ** Math.ceil(Math.log2(length))
}

function spreadValues({ values }: List): unknown[] {
  if (values.length > MOST_PLACES) return [`[${values.map(jsonOf).join()}]`]
  const padding = new Array<RawValue>(places(values.length) - values.length).fill(values[values.length - 1] as RawValue)
  return [...values, ...padding]
}

function jsonOf(value: RawValue): string {
  if (value instanceof Date) return `"${value.toISOString().replace('T', ' ').replace('Z', '')}"`
  if (typeof value === 'boolean') return value ? '1' : '0'
  return typeof value === 'bigint' ? String(value) : JSON.stringify(value)
}
