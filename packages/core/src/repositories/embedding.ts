import { invalidInput } from '../errors.ts'
import type { EmbeddingColumns } from '../rows.ts'
import { EMBEDDING_DIMENSIONS, type EmbeddingDimension } from '../schema.ts'
import { toVector } from '../values.ts'

/** A row to be written: the column is chosen by the length of its embedding. */
export type WithEmbedding<Row> = Row & { readonly embedding?: Float32Array | readonly number[] | null | undefined }

/** A row as it is read: one embedding in place of the five columns. */
export type Folded<Row extends EmbeddingColumns> = Omit<Row, keyof EmbeddingColumns> & {
  embedding: Float32Array | null
}

export const EMBEDDING_KEYS: readonly (keyof EmbeddingColumns)[] = EMBEDDING_DIMENSIONS.map(keyOf)

function keyOf(dimension: EmbeddingDimension): keyof EmbeddingColumns {
  return `embedding${dimension}`
}

type Embedded = WithEmbedding<{ readonly embeddingDimension?: number | null | undefined }>

/** For an insert: the embedding in the column of its length. */
export function toRow({ embedding, ...row }: Embedded): object {
  if (embedding === undefined || embedding === null) return row
  const vector = toVector(embedding, 'embedding')
  return { ...row, [columnFor(vector)]: vector, embeddingDimension: row.embeddingDimension ?? vector.length }
}

/** For an update: the columns of the other lengths are emptied, lest an earlier embedding is found. */
export function toPatch({ embedding, ...row }: Embedded): object {
  if (embedding === undefined) return row
  const empty = Object.fromEntries(EMBEDDING_KEYS.map((key) => [key, null]))
  if (embedding === null) return { ...row, ...empty, embeddingDimension: row.embeddingDimension ?? null }
  return { ...empty, ...toRow({ ...row, embedding }) }
}

export function fold<Row extends EmbeddingColumns>(row: Row): Folded<Row> {
  const { embedding384, embedding768, embedding1024, embedding1536, embedding3072, ...rest } = row
  return { ...rest, embedding: embedding384 ?? embedding768 ?? embedding1024 ?? embedding1536 ?? embedding3072 }
}

function columnFor(vector: Float32Array): keyof EmbeddingColumns {
  const dimension = EMBEDDING_DIMENSIONS.find((length) => length === vector.length)
  if (dimension) return keyOf(dimension)
  throw invalidInput(`An embedding has ${EMBEDDING_DIMENSIONS.join(', ')} numbers; this one has ${vector.length}.`, {
    column: 'embedding',
  })
}
