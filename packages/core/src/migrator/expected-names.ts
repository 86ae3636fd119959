import { type Migration, splitStatements, withoutComments } from './migration.ts'

/** Names of what the migrations that ran made and did not drop again. */
export interface ExpectedNames {
  readonly tables: Set<string>
  /** Index → its table. */
  readonly indexes: Map<string, string>
  /** Trigger → its table. */
  readonly triggers: Map<string, string>
  readonly routines: Set<string>
  /** Indexes that SQL within the SQL makes on some servers and not on others. */
  readonly possible: RegExp[]
}

/** Reads them out of the SQL, so that the answer fits every state of the ledger and not only the newest. */
export function expectedNames(migrations: readonly Migration[]): ExpectedNames {
  const names: ExpectedNames = {
    tables: new Set(),
    indexes: new Map(),
    triggers: new Map(),
    routines: new Set(),
    possible: [],
  }
  for (const { up } of migrations)
    for (const statement of splitStatements(up)) follow(names, withoutComments(statement))
  return names
}

const NAME = '(?:[\\w"`]+\\.)?["`]?(\\w+)["`]?'
const TABLE = new RegExp(`^create\\s+(?:virtual\\s+|unlogged\\s+)?table\\s+(?:if\\s+not\\s+exists\\s+)?${NAME}`, 'i')
const INDEX = new RegExp(
  `^create\\s+(?:unique\\s+|fulltext\\s+|vector\\s+)?index\\s+(?:concurrently\\s+)?(?:if\\s+not\\s+exists\\s+)?${NAME}\\s+on\\s+(?:only\\s+)?${NAME}`,
  'i',
)
const TRIGGER = new RegExp(
  `^create\\s+(?:or\\s+replace\\s+)?(?:constraint\\s+)?trigger\\s+(?:if\\s+not\\s+exists\\s+)?${NAME}[\\s\\S]*?\\son\\s+${NAME}`,
  'i',
)
const ROUTINE = new RegExp(
  `^create\\s+(?:or\\s+replace\\s+)?(?:function|procedure|type)\\s+(?:if\\s+not\\s+exists\\s+)?${NAME}`,
  'i',
)
const DROP = new RegExp(
  `^drop\\s+(table|index|trigger|function|procedure|type)\\s+(?:concurrently\\s+)?(?:if\\s+exists\\s+)?${NAME}`,
  'i',
)
const RENAME = new RegExp(`^alter\\s+table\\s+${NAME}\\s+rename\\s+to\\s+${NAME}`, 'i')

/** Beside the columns of a new table. */
const INSIDE = /(?<=[(,]\s*)(?:fulltext\s+)?index\s+["`]?(\w+)["`]?\s*\(/gi

/** Within a block or a string, with places for names as `format` has them. */
const NESTED = /(?<=[\s'(])create\s+(?:unique\s+)?index\s+(?:if\s+not\s+exists\s+)?([\w%$]+)\s+on\b/gi

function follow(names: ExpectedNames, statement: string): void {
  for (const [, nested = ''] of statement.matchAll(NESTED)) {
    names.possible.push(new RegExp(`^${nested.replaceAll(/%(?:\d\$)?[sI]/g, '\\w+').replaceAll(/[$%]/g, '')}$`))
  }
  const [, table] = TABLE.exec(statement) ?? []
  if (table) names.tables.add(table)
  if (table) for (const [, inside = ''] of statement.matchAll(INSIDE)) names.indexes.set(inside, table)
  const [, index, indexed] = INDEX.exec(statement) ?? []
  if (index && indexed) names.indexes.set(index, indexed)
  const [, trigger, watched] = TRIGGER.exec(statement) ?? []
  if (trigger && watched) names.triggers.set(trigger, watched)
  const [, routine] = ROUTINE.exec(statement) ?? []
  if (routine) names.routines.add(routine)
  const [, kind, dropped] = DROP.exec(statement) ?? []
  if (kind && dropped) drop(names, kind.toLowerCase(), dropped)
  const [, from, to] = RENAME.exec(statement) ?? []
  if (from && to) rename(names, from, to)
}

function drop(names: ExpectedNames, kind: string, name: string): void {
  if (kind === 'index') names.indexes.delete(name)
  else if (kind === 'trigger') names.triggers.delete(name)
  else if (kind !== 'table') names.routines.delete(name)
  else dropTable(names, name)
}

function dropTable({ tables, indexes, triggers }: ExpectedNames, name: string): void {
  tables.delete(name)
  for (const owned of [indexes, triggers]) {
    for (const [key, table] of owned) if (table === name) owned.delete(key)
  }
}

function rename({ tables, indexes, triggers }: ExpectedNames, from: string, to: string): void {
  tables.delete(from)
  tables.add(to)
  for (const owned of [indexes, triggers]) {
    for (const [key, table] of owned) if (table === from) owned.set(key, to)
  }
}
