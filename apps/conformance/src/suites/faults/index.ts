import { type Suite, suite } from '../../harness/index.ts'
import { commits } from './commits.ts'
import { deadlines } from './deadlines.ts'
import { limits } from './limits.ts'
import { outages } from './outages.ts'

/** What happens to calls when the server or the way to it fails: they end, their errors say why, and the next ones work. */
export const faults: Suite = suite('faults', (t) => {
  outages(t)
  commits(t)
  limits(t)
  deadlines(t)
})
