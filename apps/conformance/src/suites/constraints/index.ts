import { type Suite, suite } from '../../harness/index.ts'
import { uniqueKeys } from './keys.ts'
import { references } from './references.ts'
import { secrets } from './secrets.ts'
import { values } from './values.ts'

export const constraints: Suite = suite('constraints', (t) => {
  uniqueKeys(t)
  references(t)
  values(t)
  secrets(t)
})
