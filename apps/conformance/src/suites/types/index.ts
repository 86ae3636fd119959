import { type Suite, suite } from '../../harness/index.ts'
import { defaults } from './defaults.ts'
import { scalars } from './scalars.ts'
import { texts } from './texts.ts'
import { vectors } from './vectors.ts'

export const types: Suite = suite('types', (t) => {
  scalars(t)
  texts(t)
  vectors(t)
  defaults(t)
})
