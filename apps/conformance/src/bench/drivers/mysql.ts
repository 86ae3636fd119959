import mysql from 'mysql2/promise'
import { batches } from '../rows.ts'
import type { RawDriver } from './raw.ts'

const BATCH = 5000

/** The connection below the promises, which alone can stream. */
interface Callbacks {
  execute(text: string, params: readonly unknown[]): { stream(options: object): AsyncIterable<object> }
}

export function rawMysql(url: string): RawDriver {
  const pool = mysql.createPool({ uri: url, connectionLimit: 20, timezone: 'Z' })
  const inTransaction = async (work: (connection: mysql.PoolConnection) => Promise<void>): Promise<void> => {
    const connection = await pool.getConnection()
    await connection.beginTransaction()
    await work(connection)
    await connection.commit()
    connection.release()
  }
  return {
    all: async (text, params) => (await pool.execute(text, params as never[]))[0] as object[],
    run: (text, params) => pool.execute(text, params as never[]),
    insertMany: (table, columns, rows) =>
      inTransaction(async (connection) => {
        const text = `insert into ${table} (${columns.join(', ')}) values ?`
        for (const part of batches(rows, BATCH)) await connection.query(text, [part])
      }),
    upsertMany: (table, key, columns, rows) => {
      const names = columns.map((column) => `\`${column}\``)
      const set = names.filter((name) => name !== `\`${key}\``).map((name) => `${name} = values(${name})`)
      const text = `insert into ${table} (${names.join(', ')}) values ? on duplicate key update ${set.join(', ')}`
      return pool.query(text, [rows])
    },
    transaction: (work) =>
      inTransaction((connection) => work((text, params) => connection.execute(text, params as never[]))),
    async *stream(text, params, size) {
      const connection = await pool.getConnection()
      const rows = (connection.connection as unknown as Callbacks).execute(text, params).stream({ highWaterMark: size })
      let batch: object[] = []
      for await (const row of rows) {
        if (batch.push(row) < size) continue
        yield batch
        batch = []
      }
      yield batch
      connection.release()
    },
    json: (value) => (typeof value === 'string' ? JSON.parse(value) : value),
    boolean: Number,
    close: () => pool.end(),
  }
}
