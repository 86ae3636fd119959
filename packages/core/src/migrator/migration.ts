import { createHash } from 'node:crypto'
import type { DataStep } from './data-step.ts'

/** One numbered step of the schema, the same numbers and names on every dialect. */
export interface Migration {
  readonly version: number
  readonly name: string
  readonly up: string
  readonly down: string
  /** What the step's `meta.json` says. */
  readonly meta: MigrationMeta
  /** Runs after the SQL of `up`. */
  readonly step?: DataStep
}

export interface MigrationMeta {
  /** The way back throws away data that the way there cannot bring back. True unless it says false. */
  readonly losesData?: boolean
  /** False for statements that refuse to run in a transaction; they are journalled one by one instead. */
  readonly transaction?: boolean
}

export function losesData({ meta }: Migration): boolean {
  return meta.losesData !== false
}

/** Statements of a script; the separator is the one drizzle-kit writes. A piece of comments alone is none. */
export function splitStatements(script: string): string[] {
  return script
    .split('--> statement-breakpoint')
    .map((statement) => statement.trim())
    .filter((statement) => withoutComments(statement) !== '')
}

/** The statement from its first word on. */
export function withoutComments(statement: string): string {
  return statement.replace(/^(?:\s+|--[^\n]*(?:\n|$)|\/\*[\s\S]*?\*\/)+/, '')
}

/** Of statements that ran. Line ends do not count: git may turn them on a checkout. */
export function checksumOf(statements: readonly string[]): string {
  return createHash('sha256').update(statements.join('\n').replaceAll('\r\n', '\n')).digest('hex')
}

/** `0003_add_estimates`, as its folder is called. */
export function labelOf({ version, name }: { readonly version: number; readonly name: string }): string {
  return `${String(version).padStart(4, '0')}_${name}`
}
