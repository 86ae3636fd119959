import type { ForeignKeyInfo, LiveColumn, LiveSchema, LiveTable, Session } from '@archon-db/core/dialect'

type Reader = Pick<Session, 'query'>
type Row = readonly (string | null)[]

/** Reads the schema out of PostgreSQL's own catalogue. Everything is asked for as text, and in an order of its own. */
export async function introspect(session: Reader): Promise<LiveSchema> {
  const [tables, columns, constraints, indexes, triggers, routines, policies] = [
    await select(session, TABLES),
    await select(session, COLUMNS),
    await select(session, CONSTRAINTS),
    await select(session, INDEXES),
    await select(session, TRIGGERS),
    await select(session, ROUTINES),
    await select(session, POLICIES),
  ]
  const of = (rows: readonly Row[], table: string): Row[] => rows.filter(([name]) => name === table)
  const described = tables.map(([name = '']) => {
    const table = String(name)
    const parts = { columns: of(columns, table), constraints: of(constraints, table), indexes: of(indexes, table) }
    return [table, describeTable(table, { ...parts, triggers: of(triggers, table) })] as const
  })
  return {
    tables: new Map(described),
    routines: routines.map(([, name]) => String(name)),
    definitions: new Map([
      ...tables.map(([name, security]) => define('table', [name ?? ''], security)),
      ...columns.map(([table, name, ...definition]) => define('column', [table, name], definition.join(' '))),
      ...constraints.map(([table, name, , , , , , definition]) => define('constraint', [table, name], definition)),
      ...indexes.map(([table, name, , , definition]) => define('index', [table, name], definition)),
      ...triggers.map(([table, name, definition]) => define('trigger', [table, name], definition)),
      ...routines.map(([kind, name, signature, definition]) => define(String(kind), [name, signature], definition)),
      ...policies.map(([table, name, definition]) => define('policy', [table, name], definition)),
    ]),
  }
}

function define(kind: string, name: readonly unknown[], definition: string | null | undefined): [string, string] {
  return [`${kind} ${name.join('.')}`, definition ?? '']
}

/** Those that belong to an extension are its own affair. */
const OWN = (catalogue: string): string =>
  `not exists (select from pg_depend where classid = '${catalogue}'::regclass and objid = it.oid and deptype = 'e')`
const HERE = '(select oid from pg_namespace where nspname = current_schema())'

const TABLES = `select relname::text, case when relrowsecurity then 'row security' end
  from pg_class it where relnamespace = ${HERE} and relkind in ('r', 'p') and ${OWN('pg_class')} order by 1`

/** Where the server has no vectors, arrays stand in for them. */
const COLUMNS = `select t.relname::text, c.attname::text,
    case when pg_get_expr(d.adbin, d.adrelid) like 'nextval(%' and c.atttypid = 'bigint'::regtype then 'bigserial'
      when c.atttypid = 'real[]'::regtype and c.attname like 'embedding\\_%' then 'vector(' || substr(c.attname, 11) || ')'
      else replace(format_type(c.atttypid, c.atttypmod), 'character varying', 'varchar') end,
    case when c.attcollation <> y.typcollation then 'COLLATE "' || o.collname || '"' end,
    case when c.attnotnull then 'not null' end,
    case when c.attgenerated <> '' then 'generated as ' || pg_get_expr(d.adbin, d.adrelid)
      when c.attidentity <> '' then 'default identity'
      else 'default ' || pg_get_expr(d.adbin, d.adrelid) end
  from pg_attribute c
    join pg_class t on t.oid = c.attrelid
    join pg_type y on y.oid = c.atttypid
    left join pg_collation o on o.oid = c.attcollation
    left join pg_attrdef d on d.adrelid = c.attrelid and d.adnum = c.attnum
  where t.relnamespace = ${HERE} and t.relkind in ('r', 'p') and c.attnum > 0 and not c.attisdropped order by 1, 2`

const NAMES = (numbers: string, relation: string): string =>
  `(select string_agg(a.attname, ',' order by k.place) from unnest(${numbers}) with ordinality k(number, place)
    join pg_attribute a on a.attrelid = ${relation} and a.attnum = k.number)`

const CONSTRAINTS = `select t.relname::text, it.conname::text, it.contype::text, ${NAMES('it.conkey', 'it.conrelid')},
    (select relname::text from pg_class where oid = it.confrelid), ${NAMES('it.confkey', 'it.confrelid')},
    it.confdeltype::text, pg_get_constraintdef(it.oid)
  from pg_constraint it join pg_class t on t.oid = it.conrelid
  where t.relnamespace = ${HERE} and it.contype in ('p', 'u', 'f', 'c') order by 1, 2`

const INDEXES = `select t.relname::text, i.relname::text,
    case when x.indisunique and x.indpred is null and x.indexprs is null then 'unique' end,
    ${NAMES('x.indkey::smallint[]', 'x.indrelid')}, pg_get_indexdef(x.indexrelid)
  from pg_index x join pg_class i on i.oid = x.indexrelid join pg_class t on t.oid = x.indrelid
  where t.relnamespace = ${HERE} and t.relkind in ('r', 'p')
    and not exists (select from pg_constraint where conindid = x.indexrelid and contype in ('p', 'u', 'x')) order by 1, 2`

const TRIGGERS = `select t.relname::text, it.tgname::text, pg_get_triggerdef(it.oid)
  from pg_trigger it join pg_class t on t.oid = it.tgrelid
  where t.relnamespace = ${HERE} and not it.tgisinternal order by 1, 2`

const ROUTINES = `select 'function', it.proname::text, pg_get_function_identity_arguments(it.oid), pg_get_functiondef(it.oid)
  from pg_proc it where it.pronamespace = ${HERE} and it.prokind in ('f', 'p') and ${OWN('pg_proc')}
  union all
  select 'type', it.typname::text, null, (select string_agg(enumlabel, ',' order by enumsortorder) from pg_enum where enumtypid = it.oid)
  from pg_type it where it.typnamespace = ${HERE} and it.typtype = 'e' and ${OWN('pg_type')} order by 1, 2, 3`

const POLICIES = `select tablename::text, policyname::text,
    concat_ws(' ', permissive, roles::text, cmd, qual, with_check)
  from pg_policies where schemaname = current_schema() order by 1, 2`

async function select(session: Reader, text: string): Promise<Row[]> {
  const { rows } = await session.query({ text, params: [], write: false, tables: [], prepare: false })
  return Array.from(rows, (row) => Array.from(row, (value) => (value === null ? null : String(value))))
}

interface TableRows {
  readonly columns: readonly Row[]
  readonly constraints: readonly Row[]
  readonly indexes: readonly Row[]
  readonly triggers: readonly Row[]
}

function describeTable(name: string, { columns, constraints, indexes, triggers }: TableRows): LiveTable {
  const kind = (wanted: string): Row[] => constraints.filter(([, , type]) => type === wanted)
  const uniques = [
    ...kind('u').map(([, unique, , on]) => [unique, on]),
    ...indexes.filter(([, , unique]) => unique).map(([, index, , on]) => [index, on]),
  ]
  return {
    name,
    columns: new Map(columns.map((column) => [String(column[1]), describeColumn(column)])),
    primaryKey: kind('p').flatMap(([, , , on]) => listed(on)),
    uniques: uniques.map(([unique, on]) => ({ name: String(unique), columns: listed(on) })),
    foreignKeys: kind('f').map(describeKey),
    checks: kind('c').map(([, check]) => String(check)),
    indexes: indexes.filter(([, , unique]) => !unique).map(([, index]) => String(index)),
    triggers: triggers.map(([, trigger]) => String(trigger)),
  }
}

function describeColumn([, name, type, collation, notNull, value]: Row): LiveColumn {
  const full = [type, collation].filter(Boolean).join(' ')
  return {
    name: String(name),
    type: full,
    nullable: notNull === null,
    hasDefault: value?.startsWith('default ') ?? false,
  }
}

function describeKey([, , , on, table, references, action]: Row): ForeignKeyInfo {
  const onDelete = action === 'c' ? 'cascade' : action === 'n' ? 'set null' : 'restrict'
  return { columns: listed(on), table: String(table), references: listed(references), onDelete }
}

function listed(names: string | null | undefined): string[] {
  return names ? names.split(',') : []
}
