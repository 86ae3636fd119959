import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { readWorkspace } from '../architecture/workspace.ts'
import type { Counts } from './counts.ts'
import { conformance, conformanceUnderBun, ROOT, script, tool, turbo, vitest } from './tools.ts'

export interface Check {
  /** What `npm test -- --only` takes. */
  readonly id: string
  readonly title: string
  readonly run: () => Counts
}

/** A smoke run: all that a runtime could change, without the suites that take their time. */
const BUN_SUITES =
  'schema,filters,crud,order,types,json,upsert,concurrency,lifecycle,repositories,fulltext,vector,hybrid'

/** Everything `npm test` does, in this order. */
export const CHECKS: readonly Check[] = [
  { id: 'types', title: 'Types', run: () => turbo(['build', 'typecheck', 'typecheck:root']) },
  { id: 'lint', title: 'Lint and formatting', run: () => tool('biome', 'check', '--error-on-warnings', '.') },
  { id: 'architecture', title: 'Architecture', run: () => script('scripts/check-architecture.ts') },
  { id: 'migrations', title: 'Migrations of all dialects', run: () => script('scripts/check-migrations.mjs') },
  { id: 'knip', title: 'Dead code', run: () => tool('knip', '--no-progress', '--no-config-hints') },
  { id: 'publint', title: 'Packages as published (publint)', run: () => turbo(['publint'], publishable()) },
  { id: 'attw', title: 'Types as published (attw)', run: () => turbo(['attw'], publishable()) },
  { id: 'unit', title: 'Unit tests', run: vitest },
  { id: 'conformance', title: 'Conformance', run: () => conformance() },
  { id: 'mutants', title: 'Conformance finds broken databases', run: () => conformance('mutants') },
  {
    id: 'bun',
    title: 'Conformance under Bun',
    run: () => conformanceUnderBun('--backend', 'sqlite', '--suite', BUN_SUITES),
  },
]

/** Packages with something to publish: one that has no entry file yet is only begun. */
function publishable(): string[] {
  return readWorkspace(ROOT)
    .filter(({ folder }) => folder.startsWith('packages/') && existsSync(join(ROOT, folder, 'src/index.ts')))
    .map(({ name }) => name)
}
