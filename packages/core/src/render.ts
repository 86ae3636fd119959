import type { SQL } from 'drizzle-orm'
import type { Dialect } from './dialect.ts'
import { CasingCache } from './sql.ts'

/** Renders as Drizzle's own dialect classes do; those would bring every query builder along. */
export function renderer(quote: string, place: (index: number) => string): Dialect['render'] {
  const rendering = {
    casing: new CasingCache(),
    escapeName: (name: string): string => `${quote}${name.replaceAll(quote, quote + quote)}${quote}`,
    escapeParam: place,
    escapeString: (text: string): string => `'${text.replaceAll("'", "''")}'`,
  }
  return (query: SQL) => query.toQuery(rendering)
}
