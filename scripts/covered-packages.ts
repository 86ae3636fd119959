/** What can be counted, and the backends whose suites pass through it. */
export const COVERED = {
  sqlite: ['sqlite', 'sqlite-memory', 'sqlite-remote'],
  pg: ['pg', 'pglite', 'pg-pooled'],
  mysql: ['mysql', 'mariadb'],
  vector: [
    'local-memory',
    'local',
    'sqlite-vectors',
    'pgvector',
    'mysql-vectors',
    'chroma',
    'weaviate',
    'pinecone',
    'sqlite-chroma',
  ],
} as const

export type CoveredPackage = keyof typeof COVERED

export function isCovered(name: string): name is CoveredPackage {
  return Object.hasOwn(COVERED, name)
}

/** As `scripts/coverage.ts` was asked. */
export function wantedPackages(): CoveredPackage[] {
  return (process.env.COVERAGE_OF ?? 'sqlite').split(',').filter(isCovered)
}
