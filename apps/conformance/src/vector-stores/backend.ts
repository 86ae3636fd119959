import type { VectorStore } from '@archon-db/core'
import type { BackendVersion } from '../harness/backend.ts'
import type { ContextBasics, Suite, SuiteBuilder } from '../harness/behaviour.ts'

/** A vector store that the suite runs on. */
export interface StoreBackend {
  /** What `--backend` takes. */
  readonly name: string
  /** What people read in the matrix; it says so where a fake stands in for the service. */
  readonly label: string
  /** Throws `BackendUnavailable` when this machine cannot run it. */
  start(): Promise<RunningStores>
}

export interface RunningStores {
  readonly traits: StoreTraits
  readonly version: BackendVersion
  /** A store of its own with nothing in it. */
  fresh(): Promise<StoreHandle>
  stop(): Promise<void>
}

export interface StoreHandle {
  readonly store: VectorStore
  /** A second, independent store on the same data; the caller closes it. */
  open(): Promise<VectorStore>
  /** Closes `store` and removes the data. */
  drop(): Promise<void>
}

export interface StoreTraits {
  /** Several stores can have the same data open at one time. */
  readonly shared: boolean
  /** Data outlives the last store that had it open. */
  readonly durable: boolean
  /** Bytes of JSON that the metadata of one item may have; beyond that `invalid_input`. Null: no limit of the store's own. */
  readonly maxMetadataBytes: number | null
  /** Milliseconds within which another store sees a write; this store sees its own at once. */
  readonly visibleWithinMs: number
}

/** A trait that is there or not, by name. */
export type StoreTraitName = 'shared' | 'durable'

/** Why a behaviour is skipped where the trait is absent. */
export const STORE_ABSENCE: Readonly<Record<StoreTraitName, string>> = {
  shared: 'one store at a time has the data open here',
  durable: 'data ends with its store here',
}

/** What a behaviour is given: a store with no collections. */
export interface StoreContext extends ContextBasics {
  readonly store: VectorStore
  readonly traits: StoreTraits
  /** A second store on the same data; closed when the behaviour ends. */
  open(): Promise<VectorStore>
}

export type StoreSuite = Suite<StoreContext>
export type StoreSuiteBuilder = SuiteBuilder<StoreContext, StoreTraitName>
