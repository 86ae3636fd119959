import { type Suite, suite } from '../../harness/index.ts'
import { aggregates } from './aggregates.ts'
import { byValue } from './by-value.ts'
import { combined } from './combined.ts'
import { pages } from './pages.ts'

export const order: Suite = suite('order', (t) => {
  byValue(t)
  pages(t)
  combined(t)
  aggregates(t)
})
