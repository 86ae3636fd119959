import { createClient } from '@libsql/client'
import mysql from 'mysql2/promise'
import postgres from 'postgres'
import { insertStatement, numbered, type RawDriver, upsertStatement } from './raw.ts'

/** The bare drivers. Values that a driver cannot take as they are have been made fit by the cases. */

export function rawLibsql(url: string): RawDriver {
  const client = createClient({ url })
  const send = (sql: string, args: readonly unknown[]) => client.execute({ sql, args: args as never[] })
  return {
    all: async (text, params) => (await send(text, params)).rows,
    run: send,
    insertMany: (table, columns, rows) =>
      client.batch(
        rows.map((row) => ({ sql: insertStatement(table, columns, 1), args: row as never[] })),
        'write',
      ),
    upsertMany: (table, key, columns, rows) => send(upsertStatement(table, key, columns, rows.length), rows.flat()),
    async transaction(work) {
      const transaction = await client.transaction('write')
      await work((sql, args) => transaction.execute({ sql, args: args as never[] }))
      await transaction.commit()
    },
    json: (value) => JSON.parse(String(value)),
    close: async () => client.close(),
  }
}

export function rawPostgres(url: string): RawDriver {
  const client = postgres(url, { max: 20, onnotice: () => {} })
  const send = (text: string, params: readonly unknown[]) =>
    client.unsafe(numbered(text), params as never[], { prepare: true })
  return {
    all: send,
    run: send,
    insertMany: (table, columns, rows) =>
      client.begin(async (tx) => {
        for (let start = 0; start < rows.length; start += 5000) {
          const part = rows.slice(start, start + 5000)
          await tx.unsafe(numbered(insertStatement(table, columns, part.length)), part.flat() as never[], {
            prepare: true,
          })
        }
      }),
    upsertMany: (table, key, columns, rows) => send(upsertStatement(table, key, columns, rows.length), rows.flat()),
    transaction: (work) =>
      client.begin((tx) =>
        work((text, params) => tx.unsafe(numbered(text), params as never[], { prepare: true })),
      ) as Promise<void>,
    json: (value) => value,
    close: () => client.end(),
  }
}

export function rawMysql(url: string): RawDriver {
  const pool = mysql.createPool({ uri: url, connectionLimit: 20, timezone: 'Z' })
  return {
    all: async (text, params) => (await pool.execute(text, params as never[]))[0] as object[],
    run: (text, params) => pool.execute(text, params as never[]),
    async insertMany(table, columns, rows) {
      const connection = await pool.getConnection()
      await connection.beginTransaction()
      for (let start = 0; start < rows.length; start += 5000) {
        await connection.query(`insert into ${table} (${columns.join(', ')}) values ?`, [
          rows.slice(start, start + 5000),
        ])
      }
      await connection.commit()
      connection.release()
    },
    upsertMany: (table, key, columns, rows) => {
      const names = columns.map((column) => `\`${column}\``)
      const set = names.filter((name) => name !== `\`${key}\``).map((name) => `${name} = values(${name})`)
      return pool.query(
        `insert into ${table} (${names.join(', ')}) values ? on duplicate key update ${set.join(', ')}`,
        [rows],
      )
    },
    async transaction(work) {
      const connection = await pool.getConnection()
      await connection.beginTransaction()
      await work((text, params) => connection.execute(text, params as never[]))
      await connection.commit()
      connection.release()
    },
    json: (value) => (typeof value === 'string' ? JSON.parse(value) : value),
    close: () => pool.end(),
  }
}
