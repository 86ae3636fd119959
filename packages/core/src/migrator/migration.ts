/** One numbered step of the schema, the same numbers and names on every dialect. */
export interface Migration {
  readonly version: number
  readonly name: string
  readonly up: string
  readonly down: string
  /** What the step's `meta.json` says. */
  readonly meta: MigrationMeta
}

export interface MigrationMeta {
  /** The down step throws away data that the up step cannot bring back. */
  readonly losesData?: boolean
}

/** Statements of a script; the separator is the one drizzle-kit writes. */
export function splitStatements(script: string): string[] {
  return script
    .split('--> statement-breakpoint')
    .map((statement) => statement.trim())
    .filter((statement) => statement !== '')
}
