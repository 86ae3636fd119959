import { Answer, failureOf, listen } from './answer.ts'
import { Frames, SAID } from './frames.ts'
import { Writer } from './requests.ts'
import { arrayLiteral } from './wire.ts'

/**
 * What an embedded server needs of the wire protocol: a statement goes out in one message and its answer comes back in
 * one piece. PGlite's own reader drops a byte order mark at the start of a text.
 */

const writer = new Writer()

/** One statement with its values, for a server that answers in one piece; its types are guessed by the values. */
export function extendedQuery(text: string, params: readonly unknown[]): Uint8Array {
  return writer.begin().parse('', text, []).bind('', params.map(guess), []).describePortal().executeAll().sync().take()
}

export function simpleQuery(text: string): Uint8Array {
  return writer.begin().query(text).take()
}

function guess(value: unknown): unknown {
  if (value === undefined) return null
  if (typeof value !== 'object' || value === null) return value
  if (value instanceof Date) return value.toISOString()
  if (value instanceof Uint8Array) return `\\x${Buffer.from(value).toString('hex')}`
  return Array.isArray(value) ? arrayLiteral(value.map(String)) : JSON.stringify(value)
}

/** What the server said, up to its last statement; throws the error it reported. */
export function readAnswer(bytes: Uint8Array): Answer {
  let answer = new Answer()
  let failure: Error | undefined
  const frames = new Frames((letter, body, start, end) => {
    if (letter === SAID.error) failure = failureOf(body, start)
    else answer = listen(answer, letter, body, start, end)
  })
  frames.read(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), bytes.byteLength)
  if (failure) throw failure
  return answer
}
