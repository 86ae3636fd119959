import postgres from 'postgres'
import type { Databases } from './databases.ts'
import { checkedName, urlOf } from './names.ts'

export function postgresDatabases(url: string): Databases {
  // Unprepared, so that it works through a pooler as well.
  const sql = postgres(url, { max: 1, prepare: false, fetch_types: false, onnotice: () => {} })
  return {
    create: async (name) => {
      await sql.unsafe(`create database ${checkedName(name)} template template0`)
      return urlOf(url, name)
    },
    clone: async (template, name) => {
      await sql.unsafe(`create database ${checkedName(name)} template ${checkedName(template)}`)
      return urlOf(url, name)
    },
    drop: async (name) => {
      await sql.unsafe(`drop database if exists ${checkedName(name)} with (force)`)
    },
    close: async () => {
      await sql.end({ timeout: 1 })
    },
  }
}
