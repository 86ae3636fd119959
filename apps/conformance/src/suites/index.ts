import type { Suite } from '../harness/index.ts'

/** All suites, in the order in which they run and stand in the matrix. */
export const SUITES: readonly Suite[] = []
