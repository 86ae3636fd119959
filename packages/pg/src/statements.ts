import { randomBytes } from 'node:crypto'
import type { Statement } from '@archon-db/core/dialect'
import type { Columns } from './answer.ts'
import type { Writer } from './requests.ts'
import { typeOf } from './wire.ts'

/** A statement that the server keeps under a name. */
export interface Kept {
  readonly key: string
  readonly name: string
  /** Sent to be parsed; what follows may use the name before the server has answered. */
  sent: boolean
  /** Of its parameters and rows; null until the server has said them. */
  types: readonly number[] | null
  columns: Columns | null
}

/** Beyond this many kept statements, others are parsed anew each time: the server keeps every one of them in memory. */
const MOST = 1000

/** What the server keeps for one connection. */
export class Statements {
  /** By their texts, and the types that values said by themselves. */
  readonly #kept = new Map<string, Kept>()
  /** Behind a pooler that nobody told of, the names of other connections must not be met. */
  readonly #prefix = randomBytes(6).toString('base64url')
  #names = 0
  /** Names that are of no use any more, but known to the server. */
  readonly #stale: string[] = []

  /** Null beyond the limit. */
  keep(text: string, own: readonly number[]): Kept | null {
    const key = own.length === 0 ? text : `${own} ${text}`
    const known = this.#kept.get(key)
    if (known || this.#kept.size >= MOST) return known ?? null
    const kept = { key, name: this.#prefix + (this.#names++).toString(36), sent: false, types: null, columns: null }
    this.#kept.set(key, kept)
    return kept
  }

  forget(kept: Kept): void {
    if (this.#kept.get(kept.key) !== kept) return
    this.#kept.delete(kept.key)
    this.#stale.push(kept.name)
  }

  /** All of the statement at its first time, its values alone later on. */
  write(to: Writer, kept: Kept, { text, params }: Statement, own: readonly number[], types: readonly number[]): Writer {
    if (!kept.sent) {
      for (const name of this.#stale) to.closeStatement(name)
      to.parse(kept.name, text, own).describeStatement(kept.name)
    }
    to.bind(kept.name, params, types).executeAll().sync()
    if (!kept.sent) this.#stale.length = 0
    kept.sent = true
    return to
  }
}

/** A statement that nobody keeps, up to its execution. */
export function unnamed(to: Writer, text: string, params: readonly unknown[], types: readonly number[]): Writer {
  return to.parse('', text, types).bind('', params, types).describePortal()
}

const NO_TYPES: readonly number[] = []

/** Types that values say by themselves; empty where none does, as in most statements. */
export function ownTypes(params: readonly unknown[]): readonly number[] {
  for (const value of params) if (typeOf(value) !== 0) return params.map(typeOf)
  return NO_TYPES
}

/** Arrays and plain objects have no text without a type. */
export function wantTypes(params: readonly unknown[], types: readonly number[]): boolean {
  for (let i = 0; i < params.length; i++)
    if (typeof params[i] === 'object' && params[i] !== null && (types[i] ?? 0) === 0) return true
  return false
}
