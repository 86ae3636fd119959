import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { readWorkspace } from '../architecture/workspace.ts'
import {
  conformance,
  conformanceUnderBun,
  mutants,
  published,
  ROOT,
  type Run,
  script,
  tool,
  turbo,
  vitest,
} from './tools.ts'

export interface Check {
  /** What `npm test -- --only` takes. */
  readonly id: string
  readonly title: string
  readonly run: Run
  /** Runs beside its neighbours that say so too: all of them wait a lot. */
  readonly beside?: true
}

/** A smoke run: all that a runtime could change, without the suites that take their time. */
const BUN_SUITES =
  'schema,filters,crud,order,types,json,upsert,concurrency,lifecycle,repositories,fulltext,vector,hybrid'

/** Everything `npm test` does, in this order. */
export const CHECKS: readonly Check[] = [
  { id: 'types', title: 'Types', run: turbo(['build', 'typecheck', 'typecheck:root']) },
  { id: 'lint', title: 'Lint and formatting', run: tool('biome', 'check', '--error-on-warnings', '.') },
  { id: 'architecture', title: 'Architecture', run: script('scripts/check-architecture.ts') },
  { id: 'migrations', title: 'Migrations of all dialects', run: script('scripts/check-migrations.mjs') },
  { id: 'knip', title: 'Dead code', run: tool('knip', '--no-progress', '--no-config-hints') },
  { id: 'publint', title: 'Packages as published (publint)', run: turbo(['publint'], publishable()) },
  { id: 'attw', title: 'Types as published (attw)', run: turbo(['attw'], publishable()) },
  { id: 'published', title: 'Packages as published, in use', run: published() },
  { id: 'unit', title: 'Unit tests', run: vitest(), beside: true },
  { id: 'conformance', title: 'Conformance', run: conformance(), beside: true },
  { id: 'mutants', title: 'Conformance finds broken databases', run: mutants(), beside: true },
  {
    id: 'bun',
    title: 'Conformance under Bun',
    run: conformanceUnderBun('--backend', 'sqlite', '--suite', BUN_SUITES),
    beside: true,
  },
]

/** Packages with something to publish: one that has no entry file yet is only begun. */
function publishable(): string[] {
  return readWorkspace(ROOT)
    .filter(({ folder }) => folder.startsWith('packages/') && existsSync(join(ROOT, folder, 'src/index.ts')))
    .map(({ name }) => name)
}
