import { describeValue, invalidFilter } from '../errors.ts'
import type { PathSegment } from './ast.ts'

const SEGMENT = /\.?(?:"((?:[^"\\]|\\.)*)"|\[(\d{1,9})\]|([^."[\]]+))/y
const MAX_DEPTH = 64

/** `a.b`, `$.a."x.y"[0]` → `['a', 'b']`, `['a', 'x.y', 0]`. */
export function parsePath(text: string): readonly PathSegment[] {
  if (typeof text !== 'string')
    throw invalidFilter(`A JSON path is a string such as '$.a.b', not ${describeValue(text)}.`)
  const source = text.startsWith('$') ? text.slice(1) : text
  const segments: PathSegment[] = []
  SEGMENT.lastIndex = 0
  while (SEGMENT.lastIndex < source.length) {
    const start = SEGMENT.lastIndex
    const match = SEGMENT.exec(source)
    if (!match || (start > 0 && match[2] === undefined && source[start] !== '.')) throw malformed()
    segments.push(toSegment(match))
  }
  if (segments.length > MAX_DEPTH) throw invalidFilter(`A JSON path may be ${MAX_DEPTH} steps deep at most.`)
  checkText(source)
  return segments
}

function toSegment([, quoted, index, plain]: RegExpExecArray): PathSegment {
  if (index !== undefined) return Number(index)
  return quoted === undefined ? (plain as string) : quoted.replace(/\\(.)/gsu, '$1')
}

function checkText(source: string): void {
  if (source.includes('\0') || !source.isWellFormed()) throw malformed()
}

function malformed(): Error {
  return invalidFilter('Malformed JSON path. Write steps as a.b[0] and quote unusual keys: a."x.y".')
}

/** One text for one path, whatever way it was written; part of a query's shape. */
export function pathKey(path: readonly PathSegment[]): string {
  return JSON.stringify(path)
}
