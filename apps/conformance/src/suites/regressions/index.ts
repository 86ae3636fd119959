import { type Suite, suite } from '../../harness/index.ts'
import { input } from './input.ts'
import { json } from './json.ts'
import { statements } from './statements.ts'
import { transactions } from './transactions.ts'
import { writes } from './writes.ts'

/** What went wrong once, where no other suite would have noticed. */
export const regressions: Suite = suite('regressions', (t) => {
  transactions(t)
  statements(t)
  writes(t)
  input(t)
  json(t)
})
