import { type Suite, suite } from '../../harness/index.ts'
import { logic } from './logic.ts'
import { operators } from './operators.ts'
import { refused } from './refused.ts'
import { texts } from './text.ts'

export const filters: Suite = suite('filters', (t) => {
  operators(t)
  texts(t)
  logic(t)
  refused(t)
})
