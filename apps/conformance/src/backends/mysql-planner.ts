import type { Planner, TableAccess } from '../harness/index.ts'

/** The table of old: MySQL would rather draw a tree, and MariaDB, which knows no other, passes over this comment. */
const EXPLAIN = 'explain /*!80000 format=traditional */'

/** How it calls reading all rows, of the table or of an index. */
const WHOLE: ReadonlySet<unknown> = new Set(['ALL', 'index'])

export const planner: Planner = {
  async accesses(connection, { text, params }) {
    const explain = { text: `${EXPLAIN} ${text}`, params, write: false, tables: [], prepare: false }
    const { rows, columns } = await connection.query(explain)
    return rows
      .map((row) => Object.fromEntries(columns.map((column, index) => [column, row[index]])))
      .filter(({ table, select_type }) => typeof table === 'string' && select_type !== 'INSERT')
      .map(
        ({ table, type, key }): TableAccess => ({ table: String(table), index: WHOLE.has(type) ? null : textOf(key) }),
      )
  },
  async refreshStatistics(connection) {
    const names = [...connection.dialect.tables.keys()].map((name) => `\`${name}\``)
    await connection.query({
      text: `analyze table ${names.join()}`,
      params: [],
      write: true,
      tables: [],
      prepare: false,
    })
  },
}

function textOf(key: unknown): string | null {
  return typeof key === 'string' ? key : null
}
