import { styleText } from 'node:util'

export type Style = 'bold' | 'dim' | 'green' | 'red' | 'yellow' | 'cyan'

/** Where the command writes, and with what it may write: answers to standard output, the rest to standard error. */
export class Terminal {
  readonly #env: NodeJS.ProcessEnv
  readonly #secrets: RegExp[] = []
  #plain = false

  constructor(env: NodeJS.ProcessEnv = process.env) {
    this.#env = env
  }

  withoutColours(): void {
    this.#plain = true
  }

  /** From now on these appear in nothing that is written. */
  hide(secrets: readonly string[]): void {
    this.#secrets.push(...secrets.map(patternOf))
  }

  line(text = ''): void {
    process.stdout.write(`${this.#clean(text)}\n`)
  }

  note(text: string): void {
    process.stderr.write(`${this.#clean(text)}\n`)
  }

  style(style: Style, text: string): string {
    return this.#styled(process.stdout, style, text)
  }

  /** For `note`: standard error may be a terminal where standard output is a file. */
  noteStyle(style: Style, text: string): string {
    return this.#styled(process.stderr, style, text)
  }

  #styled(stream: NodeJS.WriteStream, style: Style, text: string): string {
    return !this.#plain && wantsColours(stream, this.#env) ? styleText(style, text, { validateStream: false }) : text
  }

  #clean(text: string): string {
    return this.#secrets.reduce((clean, secret) => clean.replace(secret, '***'), text)
  }
}

const LONG_SECRET = 16

/** A short password may be a word of the text itself, `archon` for instance, so it is looked for where passwords stand. */
function patternOf(secret: string): RegExp {
  const exact = secret.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')
  return secret.length >= LONG_SECRET
    ? new RegExp(exact, 'g')
    : new RegExp(`(?<=[:=]\\s?['"]?)${exact}(?=['"@&,;})\\s]|$)`, 'gm')
}

/** NO_COLOR and FORCE_COLOR as other programs read them. */
function wantsColours(stream: NodeJS.WriteStream, env: NodeJS.ProcessEnv): boolean {
  if (env.NO_COLOR) return false
  if (env.FORCE_COLOR) return env.FORCE_COLOR !== '0'
  return stream.isTTY === true && env.TERM !== 'dumb'
}
