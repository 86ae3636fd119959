import { invalidFilter } from '../errors.ts'

/** A pattern taken apart: a run (`%`), any one character (`_`), or one character out of a set. */
export type PatternToken =
  | { readonly type: 'run' }
  | { readonly type: 'one' }
  | { readonly type: 'char'; readonly chars: readonly string[] }

/** What a `like` pattern means; `foldCase` widens each letter to all its case variants. */
export function parsePattern(pattern: string, foldCase: boolean): PatternToken[] {
  const tokens: PatternToken[] = []
  const chars = [...pattern]
  for (let i = 0; i < chars.length; i++) {
    const char = chars[i] as string
    if (char === '%') tokens.push({ type: 'run' })
    else if (char === '_') tokens.push({ type: 'one' })
    else {
      const literal = char === '\\' ? chars[++i] : char
      if (literal === undefined)
        throw invalidFilter('A like pattern must not end with a single backslash; write \\\\ for one.')
      tokens.push({ type: 'char', chars: foldCase ? caseVariants(literal) : [literal] })
    }
  }
  return tokens
}

let variants: Map<string, string[]> | undefined

/** Every character that differs from this one by simple case alone, itself included. */
export function caseVariants(char: string): readonly string[] {
  variants ??= buildVariants()
  return variants.get(char) ?? [char]
}

/** One character that stands for all case variants. */
export function foldChar(char: string): string {
  return caseVariants(char)[0] as string
}

/** Groups characters whose one-to-one upper or lower case is the same; built once, from the engine's own Unicode tables. */
function buildVariants(): Map<string, string[]> {
  const groups = new Map<string, string[]>()
  for (let code = 0x41; code <= 0x1e943; code++) {
    if (code === 0xd800) code = 0xe000
    const char = String.fromCodePoint(code)
    for (const other of [simple(char.toLowerCase()), simple(char.toUpperCase())]) {
      if (other !== undefined && other !== char) join(groups, char, other)
    }
  }
  for (const group of new Set(groups.values())) group.sort()
  return groups
}

function simple(mapped: string): string | undefined {
  const first = mapped.codePointAt(0) as number
  return mapped.length === (first > 0xffff ? 2 : 1) ? mapped : undefined
}

function join(groups: Map<string, string[]>, a: string, b: string): void {
  const left = groups.get(a) ?? [a]
  const right = groups.get(b) ?? [b]
  if (left === right) return
  const merged = [...new Set([...left, ...right])]
  for (const char of merged) groups.set(char, merged)
}

/** The in-memory meaning of a pattern, without backtracking blow-up: greedy with one remembered run. */
export function matchesPattern(text: string, tokens: readonly PatternToken[]): boolean {
  const chars = [...text]
  let t = 0
  let p = 0
  let runAt = -1
  let resume = 0
  while (t < chars.length) {
    const token = tokens[p]
    if (token?.type === 'run') {
      runAt = p++
      resume = t
    } else if (token && (token.type === 'one' || token.chars.includes(chars[t] as string))) {
      t++
      p++
    } else if (runAt >= 0) {
      p = runAt + 1
      t = ++resume
    } else return false
  }
  while (tokens[p]?.type === 'run') p++
  return p === tokens.length
}
