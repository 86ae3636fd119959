import type { Terminal } from './terminal.ts'

const WIDEST_CELL = 60
const GAP = '  '

/** Rows as a table; cells that are too long end in an ellipsis, numbers stand on the right. */
export function renderTable(
  rows: readonly Readonly<Record<string, unknown>>[],
  terminal: Terminal,
  widest: number = WIDEST_CELL,
): string[] {
  const columns = Object.keys(rows[0] ?? {})
  const cells = rows.map((row) => columns.map((column) => clip(cellText(row[column]), widest)))
  const heads = columns.map((column) => clip(visible(column), widest))
  // A loop, because a long table is more arguments than Math.max takes.
  const widths = heads.map((head, i) =>
    cells.reduce((width, row) => Math.max(width, textWidth(row[i] ?? '')), textWidth(head)),
  )
  const numeric = columns.map((column) => rows.every((row) => isNumeric(row[column])))
  const line = (texts: readonly string[]): string =>
    texts
      .map((text, i) => pad(text, widths[i] ?? 0, numeric[i] ?? false))
      .join(GAP)
      .trimEnd()
  return [
    terminal.style('bold', line(heads)),
    terminal.style('dim', widths.map((width) => '─'.repeat(width)).join(GAP)),
    ...cells.map(line),
  ]
}

function isNumeric(value: unknown): boolean {
  return value === null || typeof value === 'number' || typeof value === 'bigint'
}

function cellText(value: unknown): string {
  if (value === null || value === undefined) return 'NULL'
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'invalid date' : value.toISOString()
  if (value instanceof ArrayBuffer || ArrayBuffer.isView(value)) return `<${value.byteLength} bytes>`
  return visible(typeof value === 'object' ? JSON.stringify(value) : String(value))
}

/** What is stored may hold escape sequences: none of it reaches the terminal as a command. */
function visible(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu, (char) => {
    if (char === '\n') return '↵'
    if (char === '\t') return ' '
    return `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`
  })
}

function clip(text: string, widest: number): string {
  if (textWidth(text) <= widest) return text
  let kept = ''
  let width = 0
  for (const { segment } of SEGMENTS.segment(text)) {
    width += segmentWidth(segment)
    if (width > widest - 1) break
    kept += segment
  }
  return `${kept}…`
}

function pad(text: string, width: number, right: boolean): string {
  const space = ' '.repeat(Math.max(0, width - textWidth(text)))
  return right ? space + text : text + space
}

const SEGMENTS = new Intl.Segmenter()
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u

/** Columns that a text takes on a terminal. */
function textWidth(text: string): number {
  if (/^[\u0020-\u007e]*$/.test(text)) return text.length
  let width = 0
  for (const { segment } of SEGMENTS.segment(text)) width += segmentWidth(segment)
  return width
}

function segmentWidth(segment: string): number {
  return WIDE.test(segment) ? 2 : 1
}
