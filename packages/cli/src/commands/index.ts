import type { Command } from '../command.ts'
import { doctor } from './doctor.ts'
import { init } from './init.ts'
import { migrate } from './migrate.ts'
import { sql } from './sql.ts'
import { status } from './status.ts'

/** In the order of the help. */
export const COMMANDS: readonly Command[] = [init, migrate, status, doctor, sql]
