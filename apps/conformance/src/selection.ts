/** What to run, by the names that people give. */
import { BACKENDS } from './backends/index.ts'
import { filterSuites, suitesNamed, suitesOf } from './harness/conformance.ts'
import type { Backend, Suite } from './harness/index.ts'
import { SUITES } from './suites/index.ts'
import { STORE_SUITES } from './suites/vector-store/index.ts'
import type { StoreBackend, StoreSuite } from './vector-stores/backend.ts'
import { STORES } from './vector-stores/index.ts'

export class UsageError extends Error {}

export interface Selection {
  /** Names joined by commas; absent: all. */
  readonly suite?: string | undefined
  /** Behaviours whose id holds it. */
  readonly filter?: string | undefined
}

/** Databases and vector stores have suites of their own. */
export interface ChosenSuites {
  readonly databases: readonly Suite[]
  readonly stores: readonly StoreSuite[]
}

/** Those that were named, or all; where none of its suites is to run, nothing is started. */
export function chosenBackends(
  names: string | undefined,
  suites: ChosenSuites,
): { backends: readonly Backend[]; stores: readonly StoreBackend[] } {
  const chosen = names === undefined ? undefined : new Set<object>(choose('backend', names, [...BACKENDS, ...STORES]))
  const isChosen = (one: object): boolean => chosen?.has(one) ?? true
  return {
    backends: BACKENDS.filter((backend) => isChosen(backend) && suitesOf(backend, suites.databases).length > 0),
    stores: suites.stores.length === 0 ? [] : STORES.filter(isChosen),
  }
}

export function chosenSuites({ suite, filter }: Selection): ChosenSuites {
  const names = suite === undefined ? undefined : new Set(suite.split(',').flatMap(suiteNames))
  const kept = <C>(all: readonly Suite<C>[]): readonly Suite<C>[] => {
    const ofName = names ? all.filter(({ name }) => names.has(name)) : all
    return filter === undefined ? ofName : filterSuites(ofName, filter)
  }
  const chosen = { databases: kept(SUITES), stores: kept(STORE_SUITES) }
  if (chosen.databases.length + chosen.stores.length > 0) return chosen
  throw new UsageError(`No behaviour's id holds ${filter}.`)
}

/** Those with exactly these names. */
export function suitesCalled(names: readonly string[], { databases, stores }: ChosenSuites): ChosenSuites {
  const isCalled = ({ name }: { readonly name: string }): boolean => names.includes(name)
  return { databases: databases.filter(isCalled), stores: stores.filter(isCalled) }
}

function suiteNames(wanted: string): string[] {
  const all: readonly { readonly name: string }[] = [...SUITES, ...STORE_SUITES]
  const found = suitesNamed(all, wanted)
  return (found.length > 0 ? found : choose('suite', wanted, all)).map(({ name }) => name)
}

export function choose<T extends { readonly name: string }>(what: string, names: string, all: readonly T[]): T[] {
  return names.split(',').map((name) => {
    const found = all.find((item) => item.name === name)
    if (found) return found
    throw new UsageError(`There is no ${what} ${name}. Known: ${all.map((item) => item.name).join(', ')}.`)
  })
}
