import { type Suite, suite } from '../../harness/index.ts'
import { comparing } from './comparing.ts'
import { containing } from './containing.ts'
import { paths } from './paths.ts'
import { roundTrips } from './round-trip.ts'

export const json: Suite = suite('json', (t) => {
  roundTrips(t)
  comparing(t)
  paths(t)
  containing(t)
})
