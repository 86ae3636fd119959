import type { Work } from '../measure.ts'
import type { StageData } from '../stage.ts'

/** What people would use instead, on the same tables. */
export interface Library {
  /** Case name → variant → work. */
  cases(stage: StageData): LibraryCases
  close(): Promise<void>
}

export type LibraryCases = Readonly<Record<string, Readonly<Record<string, Work>>>>

/** Rows of one insert: no engine's limit of parameters is near, and more rows make it no quicker. */
export const BATCH = 1000
