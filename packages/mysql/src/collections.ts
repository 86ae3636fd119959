import type { CollectionFragments } from '@archon-db/core/dialect'
import { sql } from '@archon-db/core/dialect'
import type { SQL } from 'drizzle-orm'
import type { Flavour } from './flavour.ts'

/** The longest id that a key holds: 3072 bytes, four of them to a character. */
const ID_LENGTH = 768

/** Vectors as they stand in memory, 64,000 bytes at most; an index in this process searches them. */
export function collectionFragments({ collation, json }: Flavour): CollectionFragments {
  const options = sql.raw(`engine = InnoDB default character set utf8mb4 collate ${collation}`)
  return {
    registry: (name): readonly SQL[] => [
      sql`create table if not exists ${sql.identifier(name)} (
        name varchar(64) primary key, dimension int not null, metric varchar(16) not null, table_name varchar(64) not null, revision bigint not null
      ) ${options}`,
    ],
    table: (name): readonly SQL[] => [
      sql`create table ${sql.identifier(name)} (
        id ${sql.raw(`varchar(${ID_LENGTH})`)} primary key, revision bigint not null, metadata ${sql.raw(json)} not null, content longtext, embedding blob not null,
        key ${sql.identifier(`${name}_revision`)} (revision)
      ) ${options}`,
    ],
  }
}
