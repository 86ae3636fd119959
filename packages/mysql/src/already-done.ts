/** Server codes that say: what is to be made is there already, or what is to be dropped or renamed is gone. */
const ALREADY_DONE: ReadonlySet<unknown> = new Set([
  1050, // table exists
  1051, // table to drop is unknown
  1054, // column is unknown
  1060, // column exists
  1061, // index exists
  1091, // column or index to drop is unknown
  1146, // table is unknown
  1304, // routine exists
  1305, // routine is unknown
  1359, // trigger exists
  1360, // trigger is unknown
  1826, // foreign key exists
  3821, // check is unknown
  3822, // check exists
])

/** For the migrator: a statement that may have run before its process died has run. */
export function isAlreadyDone(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'errno' in error && ALREADY_DONE.has(error.errno)
}
