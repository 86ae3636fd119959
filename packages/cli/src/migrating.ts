import type { MigrateResult, MigrationEvent } from '@archon-db/core'
import type { Context } from './command.ts'
import type { Terminal } from './terminal.ts'

/** A line for each migration as it begins. */
export function progressOf(context: Context): (event: MigrationEvent) => void {
  return (event) => {
    if (event.type === 'start')
      context.progress(`${event.direction} ${label(event)} (${count(event.statements, 'statement')})`)
  }
}

export function migrated({ applied, total, durationMs }: MigrateResult): string {
  if (applied.length === 0) return `The schema is up to date: ${count(total, 'migration')} in place.`
  return `Applied ${count(applied.length, 'migration')} in ${durationMs.toFixed(0)} ms: ${applied.map(label).join(', ')}.`
}

/** `0001_initial`, as its folder is called. */
export function label({ version, name }: { readonly version: number; readonly name: string }): string {
  return `${String(version).padStart(4, '0')}_${name}`
}

export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`
}

/** SQL as it runs, set off from what is said about it. */
export function printStatements(statements: readonly string[], terminal: Terminal): void {
  for (const statement of statements) {
    terminal.line(statement.replace(/^/gm, '  '))
    terminal.line()
  }
}
