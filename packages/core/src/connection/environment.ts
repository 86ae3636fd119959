import { closestName } from './closest.ts'

export type Environment = Readonly<Record<string, string | undefined>>

const YES: ReadonlySet<string> = new Set(['true', '1', 'yes', 'on'])
const NO: ReadonlySet<string> = new Set(['false', '0', 'no', 'off'])

export interface Range {
  readonly min: number
  readonly max: number
  /** What the number counts, for the message. */
  readonly unit?: string
}

export interface NumberSetting {
  readonly option: string
  readonly value: unknown
  readonly variables: readonly string[]
  readonly range: Range
}

/**
 * Reads settings and notes what is wrong with them instead of stopping at the first problem. A problem names where the
 * value came from and what it should be; it never shows the value, which may be a password pasted into the wrong line.
 */
export class SettingsReader {
  readonly problems: string[] = []
  readonly #env: Environment

  constructor(env: Environment) {
    this.#env = env
  }

  problem(name: string, text: string): undefined {
    this.problems.push(`${name} ${text}`)
    return undefined
  }

  /** A variable that is set to nothing counts as not set: compose files pass empty ones. */
  text(name: string): string | undefined {
    const value = this.#env[name]?.trim()
    return value === '' ? undefined : value
  }

  /** One setting under several names; they may not contradict each other. */
  textOf(names: readonly string[]): { readonly name: string; readonly value: string } | undefined {
    const found = names.flatMap((name) => {
      const value = this.text(name)
      return value === undefined ? [] : [{ name, value }]
    })
    const [first] = found
    const other = found.find(({ value }) => value !== first?.value)
    if (first && other) this.problem(first.name, `and ${other.name} are two names of one setting but differ. Keep one.`)
    return first
  }

  flag(name: string): boolean | undefined {
    const value = this.text(name)?.toLowerCase()
    if (value === undefined) return undefined
    if (YES.has(value)) return true
    if (NO.has(value)) return false
    return this.problem(name, 'takes true or false.')
  }

  integer(names: readonly string[], range: Range): number | undefined {
    const found = this.textOf(names)
    if (!found) return undefined
    // Number('') and Number('0x10') succeed, so the digits are looked at first.
    const number = /^-?\d+$/.test(found.value) ? Number(found.value) : Number.NaN
    return this.within(found.name, number, range)
  }

  /** An option where one is given, otherwise a variable, which an option makes unimportant even when it is wrong. */
  number({ option, value, variables, range }: NumberSetting): number | undefined {
    return value === undefined ? this.integer(variables, range) : this.within(option, value, range)
  }

  within(name: string, value: unknown, { min, max, unit }: Range): number | undefined {
    const fits = typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max
    const numbers = unit ? `a whole number of ${unit}` : 'a whole number'
    return fits ? value : this.problem(name, `takes ${numbers} from ${min} to ${max}.`)
  }

  /** A mistyped option would otherwise be passed over, and open a database that was not meant. */
  checkNames(given: object, known: readonly string[], prefix = ''): void {
    for (const name of Object.keys(given)) {
      if (known.includes(name)) continue
      const near = closestName(name, known)
      this.problem(`${prefix}${name}`, `is not an option.${near ? ` Did you mean ${prefix}${near}?` : ''}`)
    }
  }

  oneOf<T extends string>(name: string, value: unknown, known: readonly T[]): T | undefined {
    const word = typeof value === 'string' ? value.trim().toLowerCase() : ''
    const found = known.find((candidate) => candidate === word)
    if (found) return found
    const near = closestName(word, known)
    return this.problem(name, `takes one of ${known.join(', ')}.${near ? ` Did you mean ${near}?` : ''}`)
  }
}
