/** The migrations of one dialect, by folder name. */
export interface DialectMigrations {
  readonly dialect: string
  readonly labels: readonly string[]
}

/** Every number and name must be there on every dialect, and numbers must follow each other without a gap. */
export function compareNumbers(dialects: readonly DialectMigrations[]): string[] {
  const all = [...new Set(dialects.flatMap(({ labels }) => labels))].sort()
  const missing = all.flatMap((label) => {
    return dialects
      .filter(({ labels }) => !labels.includes(label))
      .map(({ dialect }) => `packages/${dialect}/drizzle lacks ${label}, which ${owners(dialects, label)} has.`)
  })
  const gaps = dialects.flatMap(({ dialect, labels }) => {
    const numbers = labels.map((label) => Number.parseInt(label, 10)).sort((a, b) => a - b)
    return numbers.every((number, i) => number === i + 1)
      ? []
      : [`packages/${dialect}/drizzle counts ${numbers.join(', ')} instead of 1 to ${numbers.length}.`]
  })
  return [...missing, ...gaps]
}

function owners(dialects: readonly DialectMigrations[], label: string): string {
  return dialects
    .filter(({ labels }) => labels.includes(label))
    .map(({ dialect }) => dialect)
    .join(' and ')
}
