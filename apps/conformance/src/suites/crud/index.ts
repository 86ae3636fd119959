import { type Suite, suite } from '../../harness/index.ts'
import { changing } from './change.ts'
import { clock } from './clock.ts'
import { inserting } from './insert.ts'
import { selecting } from './select.ts'

export const crud: Suite = suite('crud', (t) => {
  inserting(t)
  selecting(t)
  changing(t)
  clock(t)
})
