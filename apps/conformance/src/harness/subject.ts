import type { Entered } from './attempt.ts'
import type { BackendVersion } from './backend.ts'
import type { ContextBasics } from './behaviour.ts'

/** What suites run on, be it a database or a vector store: how it starts, and what a behaviour gets of it. */
export interface Subject<C> {
  readonly name: string
  readonly label: string
  /** Throws `BackendUnavailable` when this machine cannot run it. */
  start(): Promise<RunningSubject<C>>
}

export interface RunningSubject<C> {
  readonly version: BackendVersion
  /** Why a behaviour that needs these traits cannot run; undefined when all are there. */
  lacks(needs: readonly string[]): string | undefined
  /** Clean ground for the next behaviour of the suite. */
  stage(suite: string): Promise<(basics: ContextBasics) => Entered<C>>
  /** Gives up the ground of the last behaviour: a hanging one may still be at work there. */
  discard(): Promise<void>
  stop(): Promise<void>
}
