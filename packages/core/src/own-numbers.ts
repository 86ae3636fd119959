import type { Executor } from './executor.ts'
import type { ParsedInsert } from './query/parse-write.ts'

/** Whether rows bring numbers of their own that the database does not know it must not give out again. */
export function bringsNumbers({ shared }: Executor, { groups }: ParsedInsert): boolean {
  return (
    shared.dialect.fragments.numberPast !== undefined &&
    groups.some(({ columns }) => columns.some((column) => column.autoIncrement))
  )
}

/** After the rows are stored: the numbers that the database gives from now on are higher than theirs. */
export async function numberPast(executor: Executor, { table, groups }: ParsedInsert): Promise<void> {
  const { dialect } = executor.shared
  for (const column of table.columns.filter(({ autoIncrement }) => autoIncrement)) {
    const own = groups.flatMap(({ columns, rows }) => {
      const at = columns.indexOf(column)
      return at < 0 ? [] : rows.map((row) => BigInt(row[at] as number | bigint))
    })
    const statement = own.length > 0 ? dialect.fragments.numberPast?.(table, column, highest(own)) : undefined
    if (!statement) continue
    const { sql: text, params } = dialect.render(statement)
    await executor.query({ text, params, write: true, tables: [table.name] })
  }
}

function highest(numbers: readonly bigint[]): bigint {
  let most = numbers[0] as bigint
  for (const number of numbers) if (number > most) most = number
  return most
}
