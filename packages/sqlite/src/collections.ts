import type { CollectionFragments } from '@archon-db/core/dialect'
import { sql } from '@archon-db/core/dialect'

/** Vectors as they stand in memory; an index in this process searches them. */
export const collections: CollectionFragments = {
  registry: (name) => [
    sql`create table if not exists ${sql.identifier(name)} (
      name text primary key, dimension integer not null, metric text not null, table_name text not null, revision integer not null
    ) without rowid`,
  ],
  table: (name) => [
    sql`create table ${sql.identifier(name)} (
      id text primary key, revision integer not null, metadata text not null, content text, embedding blob not null
    )`,
    sql`create index ${sql.identifier(`${name}_revision`)} on ${sql.identifier(name)} (revision)`,
  ],
}
