import { FILTER_MUTANTS } from './filters.ts'
import type { Mutant } from './mutant.ts'
import { READ_MUTANTS } from './reads.ts'
import { SEARCH_MUTANTS } from './search.ts'
import { TRANSACTION_MUTANTS } from './transactions.ts'
import { WRITE_MUTANTS } from './writes.ts'

export const MUTANTS: readonly Mutant[] = [
  ...FILTER_MUTANTS,
  ...READ_MUTANTS,
  ...WRITE_MUTANTS,
  ...TRANSACTION_MUTANTS,
  ...SEARCH_MUTANTS,
]
