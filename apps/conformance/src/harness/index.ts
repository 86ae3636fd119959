/** What a suite or a backend needs, in one import. */
export { eventually, rejects, settleTogether, startTogether } from './assertions.ts'
export {
  type Backend,
  type BackendTraits,
  BackendUnavailable,
  type BreakableOptions,
  type BreakableServer,
  type DatabaseHandle,
  type RunningBackend,
  wipeTables,
} from './backend.ts'
export { type Context, type Suite, type SuiteBuilder, suite } from './behaviour.ts'
export type { Planner, TableAccess } from './planner.ts'
export { recorded, straight } from './recording.ts'
