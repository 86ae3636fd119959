import { type Suite, suite } from '../../harness/index.ts'
import { commitAndRollback, failedStatements } from './commit.ts'
import { limits, modes, retrying } from './limits.ts'
import { boundaries, nesting } from './nesting.ts'
import { words } from './words.ts'

export const transactions: Suite = suite('transactions', (t) => {
  commitAndRollback(t)
  failedStatements(t)
  nesting(t)
  words(t)
  boundaries(t)
  limits(t)
  retrying(t)
  modes(t)
})
