import type { Dialect } from '../dialect.ts'
import { jsonNull, narrowBigint } from '../values.ts'
import type { OutputColumn } from './ast.ts'
import type { Row } from './specs.ts'

type Decode = ((value: unknown) => unknown) | null

/** Turns the driver's row arrays into objects in one pass. */
export type RowDecoder = (rows: readonly unknown[][]) => Row[]

/** Hidden columns stay behind in the arrays, where paging and counting read them. */
export function decoderFor(dialect: Dialect, outputs: readonly OutputColumn[]): RowDecoder {
  const visible = outputs.filter((output) => !output.hidden)
  const names = visible.map((output) => output.as)
  const decoders = visible.map((output) => outputDecoder(dialect, output))
  const width = names.length
  // Copying an object that has all keys is quicker than adding one key after the other.
  const empty: Row = Object.fromEntries(names.map((name) => [name, null]))
  return (rows) =>
    rows.map((values) => {
      const row = { ...empty }
      for (let i = 0; i < width; i++) {
        const value = values[i]
        if (value === null || value === undefined) continue
        const decode = decoders[i]
        row[names[i] as string] = decode ? decode(value) : value
      }
      return row
    })
}

export function keyDecoderFor(
  dialect: Dialect,
  outputs: readonly OutputColumn[],
): (row: readonly unknown[]) => unknown[] {
  const keys = outputs
    .flatMap((output, index) =>
      output.key === undefined ? [] : [{ index, key: output.key, decode: outputDecoder(dialect, output) }],
    )
    .sort((a, b) => a.key - b.key)
  return (row) =>
    keys.map(({ index, decode }) => {
      const value = row[index] ?? null
      return value !== null && decode ? decode(value) : value
    })
}

function outputDecoder(dialect: Dialect, output: OutputColumn): Decode {
  const { aggregate, field } = output
  if (aggregate && aggregate !== 'min' && aggregate !== 'max') return toNumber
  if (!field) return null
  if (!field.path) return dialect.codecs.decode(field.column)
  if (output.grouped) return null
  // Inside a document null is null; only a whole document needs a null of its own.
  const decode = dialect.codecs.decode({ ...field.column, kind: 'json' })
  return (value) => unwrapNull(decode ? decode(value) : value)
}

function unwrapNull(value: unknown): unknown {
  return value === jsonNull ? null : value
}

/** Sums and counts arrive as number, bigint or text, as the driver likes. */
export function toNumber(value: unknown): number | bigint {
  if (typeof value === 'number') return value
  if (typeof value === 'bigint') return narrowBigint(value)
  const text = String(value)
  return /^-?\d{16,}$/.test(text) ? narrowBigint(BigInt(text)) : Number(text)
}
