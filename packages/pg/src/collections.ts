import type { VectorMetric } from '@archon-db/core'
import type { CollectionFragments } from '@archon-db/core/dialect'
import { sql } from '@archon-db/core/dialect'
import type { SQL } from 'drizzle-orm'

/** pgvector's operator and index class for each metric. */
const METRICS = {
  cosine: ['<=>', 'cosine'],
  dot: ['<#>', 'ip'],
  l2: ['<->', 'l2'],
} as const

/** The longest vector that an index holds, in full and in half precision. Longer ones are compared one by one. */
const FULL_PRECISION = 2000
const HALF_PRECISION = 4000

/** Without pgvector, vectors are arrays that an index in this process searches. */
export function collectionFragments(hasVector: boolean, hasHalf: boolean): CollectionFragments {
  const half = (dimension: number): boolean => hasHalf && dimension > FULL_PRECISION && dimension <= HALF_PRECISION
  const indexed = (embedding: SQL, dimension: number): SQL =>
    half(dimension) ? sql`${embedding}::${sql.raw(`halfvec(${dimension})`)}` : embedding
  const registry: CollectionFragments['registry'] = (name) => [
    sql`create table if not exists ${sql.identifier(name)} (
      name text collate "C" primary key, dimension integer not null, metric text not null, table_name text not null, revision bigint not null
    )`,
  ]
  const create = (name: string, type: string): SQL => sql`create table ${sql.identifier(name)} (
    id text collate "C" primary key, revision bigint not null, metadata jsonb not null, content text, embedding ${sql.raw(type)} not null
  )`
  if (!hasVector) return { registry, table: (name) => [create(name, 'real[]'), revisionIndex(name)] }
  return {
    registry,
    table(name, dimension, metric) {
      const made = create(name, `vector(${dimension})`)
      if (dimension > FULL_PRECISION && !half(dimension)) return [made]
      const classOf = sql.raw(`${half(dimension) ? 'halfvec' : 'vector'}_${METRICS[metric][1]}_ops`)
      const index = sql`create index ${sql.identifier(`${name}_nearest`)} on ${sql.identifier(name)} using hnsw ((${indexed(sql.raw('embedding'), dimension)}) ${classOf})`
      const left = unindexed(sql.raw('embedding'), metric)
      return left
        ? [
            made,
            index,
            sql`create index ${sql.identifier(`${name}_zero`)} on ${sql.identifier(name)} (id) where ${left}`,
          ]
        : [made, index]
    },
    unindexed,
    distance: (embedding, query, dimension, metric) =>
      sql`${indexed(embedding, dimension)} ${sql.raw(METRICS[metric][0])} ${indexed(sql`${query}::vector`, dimension)}`,
  }
}

/** A vector of zeros has no direction, so pgvector leaves it out of an index by direction. */
function unindexed(embedding: SQL, metric: VectorMetric): SQL | null {
  return metric === 'cosine' ? sql`vector_norm(${embedding}) = 0` : null
}

function revisionIndex(name: string): SQL {
  return sql`create index ${sql.identifier(`${name}_revision`)} on ${sql.identifier(name)} (revision)`
}
