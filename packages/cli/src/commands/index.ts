import type { Command } from '../command.ts'
import { baseline } from './baseline.ts'
import { doctor } from './doctor.ts'
import { init } from './init.ts'
import { migrate } from './migrate.ts'
import { newMigration } from './new.ts'
import { plan } from './plan.ts'
import { repair } from './repair.ts'
import { reset } from './reset.ts'
import { rollback } from './rollback.ts'
import { sql } from './sql.ts'
import { status } from './status.ts'
import { vector } from './vector.ts'

/** In the order of the help. */
export const COMMANDS: readonly Command[] = [
  init,
  migrate,
  status,
  doctor,
  sql,
  vector,
  plan,
  rollback,
  baseline,
  repair,
  reset,
  newMigration,
]
