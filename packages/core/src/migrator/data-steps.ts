import type { DataStep } from './data-step.ts'

/**
 * The data steps of our migrations, by the name of their folder: `'0007_split_names': splitNames`. They are the same on
 * every dialect, so they stand here and not in the folders. SQL of their time only: tables change after them.
 */
export const DATA_STEPS: Readonly<Record<string, DataStep>> = {}
