import type { CheckedItem } from './input.ts'

export interface BatchLimits {
  readonly items: number
  /** Of a request, by estimate. */
  readonly bytes: number
}

export function batchesOf(items: readonly CheckedItem[], limits: BatchLimits): Generator<readonly CheckedItem[]> {
  return inBatches(items, limits, bytesOf)
}

/** As many requests as a service's limits need; one item is never cut. */
export function* inBatches<Item>(
  items: readonly Item[],
  limits: BatchLimits,
  sizeOf: (item: Item) => number,
): Generator<readonly Item[]> {
  let batch: Item[] = []
  let bytes = 0
  for (const item of items) {
    const size = sizeOf(item)
    if (batch.length > 0 && (batch.length >= limits.items || bytes + size > limits.bytes)) {
      yield batch
      batch = []
      bytes = 0
    }
    batch.push(item)
    bytes += size
  }
  if (batch.length > 0) yield batch
}

function bytesOf({ vector, metadata, content }: CheckedItem): number {
  // A number has up to twelve characters; metadata is sent twice, as it is and flat.
  return vector.length * 12 + JSON.stringify(metadata).length * 2 + (content?.length ?? 0)
}
