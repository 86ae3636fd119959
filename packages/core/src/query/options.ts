import { describeValue, invalidInput } from '../errors.ts'
import type { CallOptions, Naming } from './specs.ts'

/** Callers without a type checker get to hear what an option takes, too. */

export function checkCall(options: Pick<CallOptions, 'signal'>): void {
  if (typeof options !== 'object' || options === null)
    throw invalidInput(`Options are an object, not ${describeValue(options)}.`)
  const { signal } = options
  if (signal !== undefined && typeof signal?.throwIfAborted !== 'function')
    throw invalidInput(`signal takes an AbortSignal, not ${describeValue(signal)}.`)
}

/** How the call names columns. */
export function namingOf(options: CallOptions): Naming {
  checkCall(options)
  const { naming = 'name' } = options
  if (naming !== 'name' && naming !== 'key') throw invalidInput("naming takes 'name' or 'key'.")
  return naming
}

export function requireList<T>(option: string, value: readonly T[]): readonly T[] {
  if (Array.isArray(value)) return value
  throw invalidInput(`${option} takes an array, not ${describeValue(value)}.`)
}
