import { type Connection, createConnection, type RowDataPacket } from 'mysql2/promise'
import type { Databases } from './databases.ts'
import { checkedName, urlOf } from './names.ts'

type Row = Readonly<Record<string, string>>

/** What makes a copy of one database: read once, run for every copy. */
interface Blueprint {
  readonly tables: readonly { readonly name: string; readonly create: string; readonly columns: string }[]
  /** Routines, then views, then triggers: after the rows, so that no trigger changes what is copied. */
  readonly programs: readonly { readonly mode: string; readonly create: string }[]
}

export function mysqlDatabases(url: string): Databases {
  const opened = createConnection({ uri: url })
  opened.catch(() => {}) // Whoever asks for something is told.
  const blueprints = new Map<string, Promise<Blueprint>>()
  // One connection: what is asked at the same time takes turns, since a copy changes the current database.
  let turn: Promise<unknown> = opened
  const inTurn = async <T>(work: (connection: Connection) => Promise<T>): Promise<T> => {
    const mine = turn.then(async () => await work(await opened))
    turn = mine.catch(() => {})
    return await mine
  }
  const create = async (connection: Connection, name: string): Promise<void> => {
    blueprints.delete(name)
    await connection.query(`create database ${checkedName(name)}`)
  }
  const clone = async (connection: Connection, template: string, name: string): Promise<void> => {
    const blueprint = blueprints.get(template) ?? readBlueprint(connection, checkedName(template))
    blueprints.set(template, blueprint)
    await create(connection, name)
    await build(connection, await blueprint, template, name)
  }
  return {
    create: async (name) => {
      await inTurn(async (connection) => await create(connection, name))
      return urlOf(url, name)
    },
    clone: async (template, name) => {
      await inTurn(async (connection) => await clone(connection, template, name))
      return urlOf(url, name)
    },
    drop: async (name) => {
      blueprints.delete(name)
      await inTurn(async (connection) => await connection.query(`drop database if exists ${checkedName(name)}`))
    },
    close: async () => await inTurn(async (connection) => await connection.end()),
  }
}

async function readBlueprint(connection: Connection, template: string): Promise<Blueprint> {
  await connection.query(`use ${template}`)
  const tables = await rows(
    connection,
    `select table_name as name from information_schema.tables
    where table_schema = '${template}' and table_type = 'BASE TABLE' order by table_name`,
  )
  const views = await rows(
    connection,
    `select table_name as name from information_schema.views
    where table_schema = '${template}' order by table_name`,
  )
  const routines = await rows(
    connection,
    `select routine_name as name, routine_type as kind
    from information_schema.routines where routine_schema = '${template}' order by routine_name`,
  )
  const triggers = await rows(
    connection,
    `select trigger_name as name from information_schema.triggers
    where trigger_schema = '${template}' order by event_object_table, event_manipulation, action_timing, action_order`,
  )
  const programs = [
    ...routines.map(({ name, kind }) => ({ name, kind: kind ?? '' })),
    ...views.map(({ name }) => ({ name, kind: 'VIEW' })),
    ...triggers.map(({ name }) => ({ name, kind: 'TRIGGER' })),
  ]
  const blueprint = { tables: [] as Blueprint['tables'][number][], programs: [] as Blueprint['programs'][number][] }
  for (const { name } of tables) blueprint.tables.push(await tableOf(connection, template, name ?? ''))
  for (const { name, kind } of programs)
    blueprint.programs.push(await programOf(connection, template, kind, name ?? ''))
  return blueprint
}

async function tableOf(connection: Connection, template: string, name: string): Promise<Blueprint['tables'][number]> {
  const [shown] = await rows(connection, `show create table \`${name}\``)
  // Generated columns compute themselves again.
  const stored = await rows(
    connection,
    `select column_name as name from information_schema.columns
    where table_schema = '${template}' and table_name = '${name}' and coalesce(generation_expression, '') = ''
    order by ordinal_position`,
  )
  const columns = stored.map((column) => `\`${column.name}\``).join(', ')
  return { name, create: shown?.['Create Table'] ?? '', columns }
}

async function programOf(
  connection: Connection,
  template: string,
  kind: string,
  name: string,
): Promise<Blueprint['programs'][number]> {
  const [shown] = await rows(connection, `show create ${kind} \`${name}\``)
  const label = Object.keys(shown ?? {}).find((key) => /^(create |sql original)/i.test(key)) ?? ''
  // Views name their database with every table; here the tables of the copy are meant.
  const create = (shown?.[label] ?? '').replaceAll(`\`${template}\`.`, '')
  return { mode: shown?.sql_mode ?? '', create }
}

async function build(connection: Connection, blueprint: Blueprint, template: string, name: string): Promise<void> {
  await connection.query(`use ${name}`)
  const [before] = await rows(connection, 'select @@sql_mode as mode')
  // Rows are copied as they are, and tables in the order of their names.
  await connection.query("set foreign_key_checks = 0, unique_checks = 0, sql_mode = 'NO_AUTO_VALUE_ON_ZERO'")
  for (const table of blueprint.tables) {
    await connection.query(table.create)
    const copied = `insert into \`${table.name}\` (${table.columns}) select ${table.columns} from ${template}.\`${table.name}\``
    await connection.query(copied)
  }
  for (const { mode, create } of blueprint.programs) {
    await connection.query(`set sql_mode = '${mode}'`)
    await connection.query(create)
  }
  await connection.query(`set foreign_key_checks = 1, unique_checks = 1, sql_mode = '${before?.mode ?? ''}'`)
}

async function rows(connection: Connection, statement: string): Promise<readonly Row[]> {
  const [found] = await connection.query<RowDataPacket[]>(statement)
  return found as Row[]
}
