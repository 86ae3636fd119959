import { mariadb } from '../backends/mariadb.ts'
import { mysql } from '../backends/mysql.ts'
import { pg } from '../backends/pg.ts'
import { pglite } from '../backends/pglite.ts'
import { sqlite, sqliteMemory } from '../backends/sqlite.ts'
import type { StoreBackend } from './backend.ts'
import { chroma } from './chroma.ts'
import { localDisk, localMemory } from './local.ts'
import { pinecone } from './pinecone.ts'
import { storeOn } from './sql.ts'
import { weaviate } from './weaviate.ts'

/** All vector stores, in the order of the matrix. Each is loaded when it starts. */
export const STORES: readonly StoreBackend[] = [
  localMemory,
  localDisk,
  storeOn(sqliteMemory, 'sqlite-memory-vectors', 'SQLite in memory (vectors)'),
  storeOn(sqlite, 'sqlite-vectors', 'SQLite file (vectors)'),
  storeOn(pg, 'pgvector', 'pgvector'),
  storeOn(pglite, 'pglite-vectors', 'PGlite (vectors)'),
  storeOn(mysql, 'mysql-vectors', 'MySQL (vectors)'),
  storeOn(mariadb, 'mariadb-vectors', 'MariaDB (vectors)'),
  chroma,
  weaviate,
  pinecone,
]
