import type { DataAccess, Transaction } from '@archon-db/core'
import type { Defects, Mutant } from './mutant.ts'

const suites: readonly string[] = ['transactions', 'isolation', 'concurrency']

/** Databases that do not keep together what belongs together. */
export const TRANSACTION_MUTANTS: readonly Mutant[] = [
  {
    name: 'commits-on-rollback',
    defect: 'a transaction whose function fails is committed',
    suites,
    break: (real) => ({
      async transaction<T>(
        fn: (tx: Transaction) => Promise<T>,
        options?: Parameters<DataAccess['transaction']>[1],
      ): Promise<T> {
        const ended = await real.transaction(async (tx) => {
          const [outcome] = await Promise.allSettled([fn(tx)])
          return outcome
        }, options)
        if (ended.status === 'rejected') throw ended.reason
        return ended.value
      },
    }),
  },
  {
    name: 'no-transaction',
    defect: 'statements of a transaction take effect one by one',
    suites,
    break: (real) => ({ transaction: (fn) => fn(real) }),
  },
  {
    name: 'nested-is-not-a-savepoint',
    defect: 'a nested transaction that fails keeps what it wrote',
    suites,
    break: (real) => (isOutermost(real) ? {} : { transaction: (fn) => fn(real) }),
  },
  {
    name: 'joins-outer-transaction',
    defect: 'plain queries take part in whatever transaction is open on their handle',
    suites,
    break(real) {
      if (!isOutermost(real)) return {}
      let open: Transaction | undefined
      const now = (): DataAccess => open ?? real
      return {
        select: (table, spec) => now().select(table, spec),
        insert: (table, rows, options) => now().insert(table, rows, options),
        update: (table, patch, options) => now().update(table, patch, options),
        transaction: (fn, options) =>
          real.transaction(async (tx) => {
            open = tx
            try {
              return await fn(tx)
            } finally {
              open = undefined
            }
          }, options),
      }
    },
  },
  {
    name: 'read-only-writes',
    defect: 'a read-only transaction writes',
    suites,
    break: (real) =>
      outermost(real, {
        transaction(fn, options = {}) {
          const { readOnly: _, ...others } = options
          return real.transaction(fn, others)
        },
      }),
  },
  {
    name: 'no-time-limit',
    defect: 'timeoutMs is not heeded',
    suites,
    break: (real) =>
      outermost(real, {
        transaction(fn, options = {}) {
          const { timeoutMs = 0, ...others } = options
          return real.transaction(fn, timeoutMs > 0 ? others : options)
        },
      }),
  },
  {
    name: 'answers-after-close',
    defect: 'a closed handle goes on answering',
    suites: ['lifecycle'],
    break: () => ({ close: async () => {} }),
  },
]

/** The database itself; its transactions have nothing to close. */
function isOutermost(access: DataAccess): boolean {
  return 'close' in access
}

function outermost(real: DataAccess, defects: Defects): Defects {
  return isOutermost(real) ? defects : {}
}
