import {
  createRepositories,
  type DataAccess,
  type Database,
  QueryBuilder,
  type Transaction,
  type TransactionOptions,
} from '@archon-db/core'
import type { Backend, DatabaseHandle, RunningBackend } from '../harness/index.ts'

/** What a defect replaces; everything else is the real database's. */
export type Defects = Partial<
  Pick<
    Database,
    | 'select'
    | 'aggregate'
    | 'count'
    | 'insert'
    | 'update'
    | 'upsert'
    | 'delete'
    | 'search'
    | 'stream'
    | 'transaction'
    | 'close'
  >
>

/** A database with one defect, on purpose. A suite that does not notice it proves nothing about that matter. */
export interface Mutant {
  readonly name: string
  /** What is wrong with it, in a sentence. */
  readonly defect: string
  /** Suites that should notice; they run first. */
  readonly suites: readonly string[]
  /** Called for every handle and every transaction. */
  readonly break: (real: DataAccess) => Defects
}

/** The same backend, each of its handles broken. Wiping and dropping stay whole: they are not under test. */
export function mutantBackend(real: Backend, mutant: Mutant): Backend {
  return {
    name: `${real.name}-${mutant.name}`,
    label: `${real.label}: ${mutant.name}`,
    async start() {
      const running = await real.start()
      const fresh: RunningBackend['fresh'] = async (name, options) =>
        brokenHandle(await running.fresh(name, options), mutant)
      const { traits, version, planner } = running
      return { traits, version, ...(planner && { planner }), fresh, stop: () => running.stop() }
    },
  }
}

function brokenHandle(handle: DatabaseHandle, mutant: Mutant): DatabaseHandle {
  return {
    ...handle,
    db: broken(handle.db, mutant),
    open: async () => broken(await handle.open(), mutant),
  }
}

/** The real thing with some methods exchanged, in its transactions, builders and repositories too. */
function broken<T extends DataAccess>(real: T, mutant: Mutant): T {
  const defects = mutant.break(real)
  const begin = defects.transaction ?? ((fn, options) => real.transaction(fn, options))
  const methods: Record<string | symbol, unknown> = {
    ...defects,
    from: (table: string) => new QueryBuilder(self, table),
    transaction: (fn: (tx: Transaction) => Promise<unknown>, options?: TransactionOptions) =>
      // What is no function is for the real thing to refuse.
      begin(typeof fn === 'function' ? (tx) => fn(broken(tx, mutant)) : fn, options),
  }
  const self: T = new Proxy(real, {
    get(target, name) {
      if (Object.hasOwn(methods, name)) return methods[name]
      if (name === 'repositories') return createRepositories(self)
      const member: unknown = Reflect.get(target, name, target)
      return typeof member === 'function' ? member.bind(target) : member
    },
  })
  return self
}
