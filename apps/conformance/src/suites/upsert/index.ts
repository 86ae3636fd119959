import { type Suite, suite } from '../../harness/index.ts'
import { ignoring } from './ignoring.ts'
import { keys } from './keys.ts'
import { updating } from './updating.ts'

export const upsert: Suite = suite('upsert', (t) => {
  updating(t)
  ignoring(t)
  keys(t)
})
