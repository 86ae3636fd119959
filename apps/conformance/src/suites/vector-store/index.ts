import { suite } from '../../harness/index.ts'
import type { StoreContext, StoreSuite, StoreTraitName } from '../../vector-stores/backend.ts'
import { changes } from './changes.ts'
import { collections } from './collections.ts'
import { filters } from './filters.ts'
import { metadataRoundTrips } from './metadata.ts'
import { readings } from './reading.ts'
import { searches } from './search.ts'
import { together } from './together.ts'
import { upserts } from './upsert.ts'

/** The VectorStore contract, on every store. */
const vectorStore: StoreSuite = suite<StoreContext, StoreTraitName>('vector-store', (t) => {
  collections(t)
  upserts(t)
  metadataRoundTrips(t)
  searches(t)
  readings(t)
  filters(t)
  changes(t)
  together(t)
})

/** The suites that run on vector stores. */
export const STORE_SUITES: readonly StoreSuite[] = [vectorStore]
