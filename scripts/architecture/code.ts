/** Reads TypeScript just far enough to tell code from comments, and to list what a file imports. */

export interface Import {
  readonly specifier: string
  readonly line: number
}

/** After one of these, a slash begins a regular expression; after anything else it divides. */
const BEFORE_REGEX = /(?:^|[(,=:[!&|?{};+\-*%<>~^]|\b(?:return|typeof|case|of|in|do|else|void|await))$/

/** Blanks comments and keeps every line break: prose may name what code must not, and line numbers stay true. */
export function withoutComments(text: string): string {
  const out: string[] = []
  const braces: number[] = []
  let depth = 0
  let at = 0
  while (at < text.length) {
    const char = text[at]
    let end = at + 1
    if (char === '/' && text[at + 1] === '/') end = lineEnd(text, at)
    else if (char === '/' && text[at + 1] === '*') end = blockEnd(text, at)
    else if (char === "'" || char === '"') end = quotedEnd(text, at)
    else if (char === '`') end = templateEnd(text, at + 1)
    else if (char === '/' && BEFORE_REGEX.test(out.slice(-40).join('').trimEnd())) end = regexEnd(text, at)
    else if (char === '{') depth++
    else if (char === '}' && braces.at(-1) === depth) {
      braces.pop()
      end = templateEnd(text, at + 1)
    } else if (char === '}') depth--
    const piece = text.slice(at, end)
    if (piece.endsWith('${')) braces.push(depth)
    out.push(isComment(piece) ? piece.replace(/[^\n]/g, ' ') : piece)
    at = end
  }
  return out.join('')
}

/** Static, re-exporting, dynamic and type-only imports alike. */
export function importsOf(code: string): Import[] {
  const pattern = /(?:\bfrom\s*|\bimport\s*\(?\s*|\brequire(?:\.resolve)?\s*\(\s*)(['"])([^'"\n]+)\1/g
  return [...code.matchAll(pattern)].map((match) => ({
    specifier: match[2] ?? '',
    line: lineOf(code, match.index),
  }))
}

export function lineOf(code: string, index: number): number {
  return code.slice(0, index).split('\n').length
}

function isComment(piece: string): boolean {
  return piece.startsWith('//') || (piece.startsWith('/*') && piece.endsWith('*/'))
}

function lineEnd(text: string, from: number): number {
  const end = text.indexOf('\n', from)
  return end < 0 ? text.length : end
}

function blockEnd(text: string, from: number): number {
  const end = text.indexOf('*/', from + 2)
  return end < 0 ? text.length : end + 2
}

function quotedEnd(text: string, from: number): number {
  for (let at = from + 1; at < text.length; at++) {
    if (text[at] === '\\') at++
    else if (text[at] === text[from] || text[at] === '\n') return at + 1
  }
  return text.length
}

/** The end of a template's literal part: behind its closing backtick, or behind the `${` that opens code again. */
function templateEnd(text: string, from: number): number {
  for (let at = from; at < text.length; at++) {
    if (text[at] === '\\') at++
    else if (text[at] === '`') return at + 1
    else if (text[at] === '$' && text[at + 1] === '{') return at + 2
  }
  return text.length
}

function regexEnd(text: string, from: number): number {
  let inClass = false
  for (let at = from + 1; at < text.length; at++) {
    const char = text[at]
    if (char === '\\') at++
    else if (char === '[') inClass = true
    else if (char === ']') inClass = false
    else if ((char === '/' && !inClass) || char === '\n') return at + 1
  }
  return text.length
}
