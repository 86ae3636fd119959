import { SETTINGS } from '../drivers/libsql.ts'

/** The bare driver's, and what lets its connection and the peers' wait for each other. */
export const SQLITE_SETUP: readonly string[] = ['busy_timeout = 5000', ...SETTINGS].map((each) => `pragma ${each}`)
