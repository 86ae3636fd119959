import type { Index, PineconeRecord } from '@pinecone-database/pinecone'
import { type BatchLimits, inBatches } from '../shared/batches.ts'

/** 2 MB, the request around the records included. */
export const UPSERTS: BatchLimits = { items: 1000, bytes: 1_900_000 }
export const DELETE_BATCH: BatchLimits = { items: 1000, bytes: Number.POSITIVE_INFINITY }
/** Pinecone gives a thousand at a time, but the ids go in the address of the request. */
const FETCHES: BatchLimits = { items: 1000, bytes: 6000 }
const AROUND_ID = '&ids='.length
const AT_ONCE = 4

/** By id, in any order; unknown ids are left out. */
export async function fetchRecords(index: Index, ids: readonly string[]): Promise<Map<string, PineconeRecord>> {
  const found = new Map<string, PineconeRecord>()
  const batches = [...inBatches(ids, FETCHES, (id) => encodeURIComponent(id).length + AROUND_ID)]
  const work = async (): Promise<void> => {
    for (let batch = batches.shift(); batch; batch = batches.shift()) {
      const { records } = await index.fetch({ ids: [...batch] })
      for (const [id, record] of Object.entries(records)) found.set(id, record)
    }
  }
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, batches.length) }, work))
  return found
}
