import type { Case } from '../stage.ts'
import { READ_CASES } from './reads.ts'
import { WRITE_CASES } from './writes.ts'

const ORDER = [
  'point-read',
  'point-write',
  'list-50',
  'filtered-count',
  'join',
  'repository-get',
  'repository-list',
  'upsert',
  'update-by-filter',
  'transaction',
  'concurrent-100',
  'bulk-insert',
  'stream',
]

/** Those that fill tables come last. */
export const CASES: readonly Case[] = [...READ_CASES, ...WRITE_CASES].sort(
  (a, b) => ORDER.indexOf(a.name) - ORDER.indexOf(b.name),
)
