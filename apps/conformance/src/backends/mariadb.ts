import type { Backend } from '../harness/index.ts'
import { startMysql } from './mysql.ts'

export const mariadb: Backend = {
  name: 'mariadb',
  label: 'MariaDB',
  start: () => startMysql('mariadb'),
}
