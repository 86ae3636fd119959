import type { Suite } from '../harness/index.ts'
import { concurrency } from './concurrency/index.ts'
import { differential } from './differential/index.ts'
import { isolation } from './isolation/index.ts'
import { lifecycle } from './lifecycle/index.ts'
import { fulltextSuite, hybridSuite, vectorSuite } from './search/index.ts'
import { transactions } from './transactions/index.ts'

/** All suites, in the order in which they run and stand in the matrix. */
export const SUITES: readonly Suite[] = [transactions, isolation, fulltextSuite, vectorSuite, hybridSuite, differential]
