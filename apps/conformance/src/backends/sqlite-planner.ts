import type { Planner, TableAccess } from '../harness/index.ts'

/** `SEARCH t USING INDEX i (a=?)`, `SEARCH t USING INTEGER PRIMARY KEY (rowid=?)`, `SCAN t`, `SCAN t USING INDEX i`. */
const STEP = /^(SEARCH|SCAN) (\S+)(?: AS \S+)?(?: USING (?:COVERING )?(?:INDEX (\S+)|(INTEGER PRIMARY KEY)))?/

export const planner: Planner = {
  async accesses(connection, { text, params }) {
    const explain = { text: `explain query plan ${text}`, params, write: false, tables: [], prepare: false }
    const { rows } = await connection.query(explain)
    return rows.flatMap((row) => accessOf(String(row[3])))
  },
  /** It counts only when told to, and nobody tells it: plans have to be good without. */
  async refreshStatistics() {},
}

/** An index made for the statement alone does not count: all of the table is read into it. */
function accessOf(detail: string): TableAccess[] {
  const [, how, table, index, key] = STEP.exec(detail) ?? []
  if (table === undefined) return []
  return [{ table, index: how === 'SEARCH' ? (index ?? key?.toLowerCase() ?? null) : null }]
}
