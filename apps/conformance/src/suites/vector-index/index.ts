import { type Suite, suite } from '../../harness/index.ts'
import { following } from './following.ts'
import { processes } from './processes.ts'
import { raw } from './raw.ts'
import { size } from './size.ts'

/** Whatever answers searches, an index of the database or one in this process, follows the table. */
export const vectorIndex: Suite = suite('vector-index', (t) => {
  following(t)
  raw(t)
  size(t)
  processes(t)
})
