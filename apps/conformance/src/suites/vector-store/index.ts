import { suite } from '../../harness/index.ts'
import type { StoreContext, StoreSuite, StoreTraitName } from '../../vector-stores/backend.ts'

export const vectorStore: StoreSuite = suite<StoreContext, StoreTraitName>('vector-store', () => {})

/** The suites that run on vector stores. */
export const STORE_SUITES: readonly StoreSuite[] = [vectorStore]
