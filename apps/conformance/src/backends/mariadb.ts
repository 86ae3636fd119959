import type { Backend } from '../harness/index.ts'
import { withBreakable } from './breakable.ts'
import { startMysql } from './mysql.ts'
import { mysqlBreaking } from './mysql-breakable.ts'

export const mariadb: Backend = {
  name: 'mariadb',
  label: 'MariaDB',
  start: async () => withBreakable(await startMysql('mariadb'), mysqlBreaking('mariadb')),
}
