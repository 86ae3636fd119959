/** The driver without anything on top, prepared where it can, with its usual row objects. */
export interface RawDriver {
  /** `?` stands for a value in every statement; drivers that count their places get them counted. */
  all(text: string, params: readonly unknown[]): Promise<readonly object[]>
  run(text: string, params: readonly unknown[]): Promise<unknown>
  /** The driver's best way to store many rows. */
  insertMany(table: string, columns: readonly string[], rows: readonly (readonly unknown[])[]): Promise<unknown>
  /** One statement that stores rows or, where the key is taken, replaces the other columns. */
  upsertMany(
    table: string,
    key: string,
    columns: readonly string[],
    rows: readonly (readonly unknown[])[],
  ): Promise<unknown>
  transaction(work: (run: RawDriver['run']) => Promise<void>): Promise<void>
  /** As the driver streams; one that cannot fetches all at once. */
  stream(text: string, params: readonly unknown[], size: number): AsyncIterable<readonly object[]>
  /** A JSON column's value as the driver hands it out, made an object. */
  json(value: unknown): unknown
  /** What the driver binds for it. */
  boolean(value: boolean): unknown
  close(): Promise<void>
}

/** Texts are few and the same ones come again and again, as they would with numbers in them from the start. */
const counted = new Map<string, string>()

export function numbered(text: string): string {
  const known = counted.get(text)
  if (known !== undefined) return known
  let count = 0
  const result = text.replace(/\?/g, () => `$${++count}`)
  counted.set(text, result)
  return result
}

/** `insert into t (a, b) values (?, ?), (?, ?)` */
export function insertStatement(table: string, columns: readonly string[], rows: number): string {
  const tuple = `(${columns.map(() => '?').join(', ')})`
  return `insert into ${table} (${columns.join(', ')}) values ${new Array(rows).fill(tuple).join(', ')}`
}

/** The upsert of engines that name the conflict. */
export function upsertStatement(table: string, key: string, columns: readonly string[], rows: number): string {
  const set = columns.filter((column) => column !== key).map((column) => `${column} = excluded.${column}`)
  return `${insertStatement(table, columns, rows)} on conflict (${key}) do update set ${set.join(', ')}`
}
