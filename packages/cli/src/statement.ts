/** Everything in a statement in which a semicolon or a word means nothing: comments, strings, quoted names. */
const OPAQUE = /--[^\n]*|\/\*[\s\S]*?\*\/|'(?:[^']|'')*'|"(?:[^"]|"")*"|`(?:[^`]|``)*`|\$(\w*)\$[\s\S]*?\$\1\$/g

/** The first word of a statement, in lower case. */
export function firstWord(text: string): string {
  const bare = text.replace(/^(?:\s|--[^\n]*(?:\n|$)|\/\*[\s\S]*?\*\/|[(;])+/, '')
  return /^[a-z]+/i.exec(bare)?.[0].toLowerCase() ?? bare.slice(0, 1)
}

/** A body between BEGIN and END holds statements of its own. */
const WITH_BODY = /^create\b[^;]*?\b(?:trigger|function|procedure|event)\b/i

/** Whether there is a second statement, which drivers would pass over in silence. */
export function holdsSeveral(text: string): boolean {
  const bare = text.replace(OPAQUE, ' ').trim()
  return !WITH_BODY.test(bare) && /;\s*[^\s;]/.test(bare)
}
