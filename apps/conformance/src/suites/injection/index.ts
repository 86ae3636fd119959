import { type Suite, suite } from '../../harness/index.ts'
import { names } from './names.ts'
import { values } from './values.ts'

export const injection: Suite = suite('injection', (t) => {
  names(t)
  values(t)
})
