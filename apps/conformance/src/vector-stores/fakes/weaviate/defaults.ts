/** What the service writes out in a class that says nothing of it. */
export const INVERTED_INDEX = {
  bm25: { b: 0.75, k1: 1.2 },
  cleanupIntervalSeconds: 60,
  stopwords: { additions: null, preset: 'en', removals: null },
}

export const REST_OF_CLASS = {
  multiTenancyConfig: { autoTenantActivation: false, autoTenantCreation: false, enabled: false },
  replicationConfig: { asyncEnabled: false, deletionStrategy: 'NoAutomatedResolution', factor: 1 },
  shardingConfig: {
    actualCount: 1,
    actualVirtualCount: 128,
    desiredCount: 1,
    desiredVirtualCount: 128,
    function: 'murmur3',
    key: '_id',
    strategy: 'hash',
    virtualPerPhysical: 128,
  },
}

export const HNSW = {
  cleanupIntervalSeconds: 300,
  distance: 'cosine',
  dynamicEfFactor: 8,
  dynamicEfMax: 500,
  dynamicEfMin: 100,
  ef: -1,
  efConstruction: 128,
  filterStrategy: 'sweeping',
  flatSearchCutoff: 40_000,
  maxConnections: 32,
  skip: false,
  vectorCacheMaxObjects: 1_000_000_000_000,
}
