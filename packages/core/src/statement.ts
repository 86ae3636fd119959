/** What is told from the text of a statement that a caller wrote, without parsing it. */

/** Everything in a statement in which a semicolon or a word means nothing: comments, strings, quoted names. */
const OPAQUE = /--[^\n]*|\/\*[\s\S]*?\*\/|'(?:[^']|'')*'|"(?:[^"]|"")*"|`(?:[^`]|``)*`|\$(\w*)\$[\s\S]*?\$\1\$/g
/** What may stand before the first word. Comments that begin with an exclamation mark are run by some servers. */
const BEFORE = /^(?:\s|--[^\n]*(?:\n|$)|\/\*(?!M?!)[\s\S]*?\*\/|[(;])+/

function bareStart(text: string): string {
  return text.replace(BEFORE, '')
}

/** The first word of a statement, in lower case. */
export function firstWord(text: string): string {
  const bare = bareStart(text)
  return /^[a-z]+/i.exec(bare)?.[0].toLowerCase() ?? bare.slice(0, 1)
}

/** A body between BEGIN and END holds statements of its own. */
const WITH_BODY = /^create\b[^;]*?\b(?:trigger|function|procedure|event)\b/i

/** Whether there is a second statement, which drivers would pass over in silence. */
export function holdsSeveral(text: string): boolean {
  if (!text.includes(';')) return false
  const bare = text.replace(OPAQUE, ' ').trim()
  return !WITH_BODY.test(bare) && /;\s*[^\s;]/.test(bare)
}

const READS: ReadonlySet<string> = new Set(['select', 'with', 'values', 'explain', 'show', 'describe', 'desc', 'table'])
/** With these in it a statement may write although its first word reads: `with … delete`, `select … into`, row locks. */
const WRITES = /\b(?:insert|update|delete|merge|into|for\s+(?:key\s+)?share)\b/i
/** Settings can be looked at and listed; given a value they change. */
const LOOKS =
  /^pragma\s+(?:\w+\.)?(?:(?!optimize|wal_checkpoint|incremental_vacuum)\w+\s*;?\s*$|\w+_(?:info|xinfo|list|check)\s*\()/i

/** Whether a statement changes nothing. In doubt it does: that costs a wait, the other way round a surprise. */
export function isReading(text: string): boolean {
  const word = firstWord(text)
  if (word === 'pragma') return LOOKS.test(bareStart(text))
  return READS.has(word) && (!WRITES.test(text) || !WRITES.test(text.replace(OPAQUE, ' ')))
}

const BRACKETS =
  /^(?:begin|start\s+transaction|commit|end|rollback|abort|savepoint|release|(?:set|prepare)\s+transaction|set\s+(?:session\s+|@@(?:session\.)?)?autocommit|xa)\b/i

/** Whether it begins or ends a transaction. Connections are shared, so that would bracket somebody else's work. */
export function isBracket(text: string): boolean {
  return BRACKETS.test(bareStart(text))
}
