import type { Statement } from '../dialect.ts'
import type { Slot } from '../filter/ast.ts'
import type { RowDecoder } from './decode.ts'

/** Where a statement's parameter comes from: a value of the query, or a constant of its shape where there is no slot. */
export interface Binding {
  readonly slot: Slot | null
  readonly encode: ((value: unknown) => unknown) | null
  readonly constant: unknown
}

/** A compiled query shape. */
export interface Plan {
  readonly text: string
  readonly bindings: readonly Binding[]
  readonly decode: RowDecoder
  /** The decoded keys of a row: what a cursor is made of. */
  readonly keys: (row: readonly unknown[]) => unknown[]
  readonly write: boolean
  readonly tables: readonly string[]
}

export function bindPlan(plan: Plan, values: readonly unknown[]): Statement {
  const { bindings } = plan
  const params = new Array<unknown>(bindings.length)
  for (let i = 0; i < bindings.length; i++) {
    const { slot, encode, constant } = bindings[i] as Binding
    const value = slot === null ? constant : values[slot]
    params[i] = encode !== null && value !== null ? encode(value) : value
  }
  return { text: plan.text, params, write: plan.write, tables: plan.tables }
}

/** Plans by query shape, the least recently used leaving first. */
export class PlanCache {
  readonly #plans = new Map<string, Plan>()
  readonly #capacity: number
  hits = 0
  misses = 0

  constructor(capacity: number = 1000) {
    this.#capacity = capacity
  }

  get(key: string, compile: () => Plan): Plan {
    const known = this.#plans.get(key)
    if (known) {
      this.hits++
      return known
    }
    this.misses++
    const plan = compile()
    if (this.#plans.size >= this.#capacity) this.#plans.delete(this.#plans.keys().next().value as string)
    this.#plans.set(key, plan)
    return plan
  }

  get size(): number {
    return this.#plans.size
  }
}
