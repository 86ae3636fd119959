import type { CollectionSpec, VectorMetric } from '@archon-db/core'

/** Where the records of a collection are. */
export interface Place {
  readonly spec: CollectionSpec
  /** Address of the index. */
  readonly host: string
  readonly items: string
  readonly contents: string
}

/** How collections are kept in Pinecone: as indexes, or as namespaces of one. */
export interface CollectionHome {
  create(spec: CollectionSpec): Promise<{ created: true } | { created: false; known: CollectionSpec }>
  find(name: string): Promise<Place | null>
  drop(name: string): Promise<boolean>
  list(): Promise<string[]>
  /** Asks anew the next time. False when nothing was remembered of the place, which then was as it should be. */
  forget(place: Place): boolean
}

export type PineconeMetric = 'cosine' | 'dotproduct' | 'euclidean'

export const METRICS: Readonly<Record<VectorMetric, PineconeMetric>> = {
  cosine: 'cosine',
  dot: 'dotproduct',
  l2: 'euclidean',
}

export function metricOf(name: string | undefined): VectorMetric | undefined {
  return (Object.keys(METRICS) as VectorMetric[]).find((metric) => METRICS[metric] === name)
}
