import type { Suite } from '../harness/index.ts'
import { bulk } from './bulk/index.ts'
import { concurrency } from './concurrency/index.ts'
import { constraints } from './constraints/index.ts'
import { crud } from './crud/index.ts'
import { differential } from './differential/index.ts'
import { faults } from './faults/index.ts'
import { filters } from './filters/index.ts'
import { injection } from './injection/index.ts'
import { isolation } from './isolation/index.ts'
import { json } from './json/index.ts'
import { lifecycle } from './lifecycle/index.ts'
import { limits } from './limits/index.ts'
import { migrations } from './migrations/index.ts'
import { order } from './order/index.ts'
import { recall } from './recall/index.ts'
import { regressions } from './regressions/index.ts'
import { repositories } from './repositories/index.ts'
import { schema } from './schema/index.ts'
import { fulltextSuite, hybridSuite, vectorSuite } from './search/index.ts'
import { transactions } from './transactions/index.ts'
import { types } from './types/index.ts'
import { upsert } from './upsert/index.ts'
import { vectorIndex } from './vector-index/index.ts'

/** All suites, in the order in which they run and stand in the matrix. */
// biome-ignore format: one a line, so that suites can be added side by side
export const SUITES: readonly Suite[] = [
  schema,
  filters,
  crud,
  order,
  types,
  json,
  upsert,
  bulk,
  constraints,
  injection,
  limits,
  transactions,
  isolation,
  concurrency,
  lifecycle,
  repositories,
  fulltextSuite,
  vectorSuite,
  vectorIndex,
  hybridSuite,
  recall,
  migrations,
  faults,
  regressions,
  differential,
]
