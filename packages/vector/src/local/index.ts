export type { ApproximateState } from './approximate.ts'
export { type FollowOptions, type FollowProgress, followTables } from './follow/follow-tables.ts'
export type { FollowedDatabase } from './follow/statements.ts'
export type { Quantization } from './hnsw-protocol.ts'
export type {
  EngineChoice,
  IndexChange,
  IndexItem,
  IndexRecovery,
  IndexSearch,
  IndexStats,
  VectorIndex,
} from './index-contract.ts'
export type { IndexKey } from './keys.ts'
export type { IndexBytes } from './memory.ts'
export { openVectorIndex, type VectorIndexOptions } from './open.ts'
export { type LocalStore, type LocalStoreOptions, type LocalStoreStats, openLocalStore } from './store.ts'
export type { IndexHit } from './top-k.ts'
