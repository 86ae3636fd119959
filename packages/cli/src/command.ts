import type { Database } from '@archon-db/core'
import type { Config } from '@archon-db/core/connection'
import type { Opened } from './connect.ts'
import type { Terminal } from './terminal.ts'

/** A switch: there or not. */
interface Flag {
  readonly kind: 'flag'
  readonly about: string
  readonly short?: string
}

interface Text {
  readonly kind: 'text'
  readonly about: string
  /** What stands for the value in the help: `URL`. */
  readonly value: string
}

interface Whole {
  readonly kind: 'number'
  readonly about: string
  readonly value: string
}

export type OptionSpec = Flag | Text | Whole

/** By the option's key: `noColor` is typed as `--no-color`. */
export type OptionSpecs = Readonly<Record<string, OptionSpec>>

export type OptionValue = boolean | string | number | undefined

export type OptionValues<S extends OptionSpecs> = {
  readonly [K in keyof S]: S[K] extends Flag ? boolean : (S[K] extends Whole ? number : string) | undefined
}

export interface ArgumentSpec {
  readonly name: string
  readonly about: string
  readonly required?: boolean
}

export interface Example {
  readonly run: string
  readonly about: string
}

/** What a command found or did: once for machines, once for people. */
export interface Report {
  readonly data: unknown
  /** False ends the process with exit code 1. */
  readonly ok?: boolean
  print(terminal: Terminal): void
}

/** What a command may use. Everything it opens is closed when it ends. */
export interface Context {
  readonly terminal: Terminal
  readonly json: boolean
  readonly verbose: boolean
  config(): Config
  /** With `create`, a database that does not exist yet is made; without, its absence is an error. */
  open(options?: { readonly create?: boolean }): Promise<Database>
  /** The database, and the store outside it that its embeddings are sent to. */
  openWithStore(): Promise<Opened>
  /** A line for people who are watching; nothing in `--json`. */
  progress(text: string): void
}

interface Described<S extends OptionSpecs> {
  readonly name: string
  /** One line, in the imperative. */
  readonly summary: string
  readonly details?: string
  readonly arguments?: readonly ArgumentSpec[]
  readonly options: S
  readonly examples: readonly Example[]
}

export interface CommandSpec<S extends OptionSpecs> extends Described<S> {
  run(context: Context, options: OptionValues<S>, args: readonly string[]): Promise<Report>
}

export interface Command extends Described<OptionSpecs> {
  run(context: Context, options: Readonly<Record<string, OptionValue>>, args: readonly string[]): Promise<Report>
}

/**
 * One command in one file:
 *
 *     export const rollback: Command = defineCommand({
 *       name: 'rollback',
 *       summary: 'Undo the newest migrations',
 *       options: { to: { kind: 'number', value: 'VERSION', about: 'Undo everything after this one' } },
 *       examples: [{ run: 'rollback --to 3', about: 'Back to migration 3' }],
 *       async run(context, { to }) { … },
 *     })
 */
export function defineCommand<const S extends OptionSpecs>(spec: CommandSpec<S>): Command {
  return { ...spec, run: (context, options, args) => spec.run(context, options as OptionValues<S>, args) }
}

/** Options that every command takes. */
export const COMMON_OPTIONS: OptionSpecs = {
  url: { kind: 'text', value: 'URL', about: 'The database: a connection string or a path (instead of DATABASE_URL)' },
  json: { kind: 'flag', about: 'Print JSON for machines' },
  verbose: { kind: 'flag', about: 'Show statements, and where errors come from' },
  noColor: { kind: 'flag', about: 'Print without colours (as does NO_COLOR=1)' },
  help: { kind: 'flag', short: 'h', about: 'Show this help' },
  version: { kind: 'flag', short: 'v', about: 'Print the version' },
}

export function optionName(key: string): string {
  return `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`
}
