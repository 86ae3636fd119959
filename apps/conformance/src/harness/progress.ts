import { matrixLines } from './matrix.ts'
import type { BackendReport, BehaviourResult, FailureReport, RunReport, Summary } from './results.ts'

/** Where progress goes: a terminal shows one moving line, anything else a line per suite. */
export interface Screen {
  readonly isTTY?: boolean
  readonly columns?: number
  write(text: string): unknown
}

/** Tells a person what is going on while a run goes on. */
export class Progress {
  readonly #screen: Screen
  readonly #colours: boolean
  #suite = ''
  #done = 0
  #failed = 0
  #ms = 0

  constructor(screen: Screen, colours: boolean = screen.isTTY === true) {
    this.#screen = screen
    this.#colours = colours
  }

  backend(label: string, version: BackendReport['version']): void {
    this.#endSuite()
    this.#line(
      `\n${this.#bold(label)} ${version ? `${version.product} ${version.version}` : this.#yellow('cannot run here')}`,
    )
  }

  result({ id, suite, outcome, error, reason, durationMs }: BehaviourResult): void {
    if (suite !== this.#suite) this.#beginSuite(suite)
    this.#done++
    this.#ms += durationMs
    if (outcome === 'failed') {
      this.#failed++
      this.#line(`  ${this.#red('✗')} ${id}\n${indent(error ? shortError(error) : (reason ?? ''))}`)
    }
    if (this.#screen.isTTY)
      this.#screen.write(`\r\x1b[K  ${suite} ${this.#done}  ${id}`.slice(0, (this.#screen.columns ?? 80) + 4))
  }

  /** The matrix, what failed, and how to see it again. */
  report(report: RunReport): void {
    this.#endSuite()
    this.#line('')
    for (const line of matrixLines(report)) this.#line(line)
    this.#line('')
    for (const backend of report.backends) this.#backendRemarks(backend)
    this.#line(`${seconds(report.durationMs)}, seed ${report.seed} (repeat with --seed ${report.seed})`)
  }

  #backendRemarks({ label, notRun, behaviours }: BackendReport): void {
    if (notRun !== undefined) this.#line(`${label}: not run: ${notRun}`)
    for (const { id, outcome, error } of behaviours) {
      if (outcome === 'failed') this.#line(`${this.#red('✗')} ${label}: ${id}: ${firstLine(error?.message ?? '')}`)
    }
  }

  #beginSuite(suite: string): void {
    this.#endSuite()
    this.#suite = suite
    this.#done = 0
    this.#ms = 0
    this.#failed = 0
  }

  #endSuite(): void {
    if (this.#suite === '') return
    const mark = this.#failed > 0 ? this.#red('✗') : this.#green('✓')
    this.#line(`  ${mark} ${this.#suite.padEnd(20)} ${String(this.#done).padStart(4)}   ${seconds(this.#ms)}`)
    this.#suite = ''
  }

  #line(text: string): void {
    this.#screen.write(`${this.#screen.isTTY ? '\r\x1b[K' : ''}${text}\n`)
  }

  #red(text: string): string {
    return this.#paint(31, text)
  }

  #green(text: string): string {
    return this.#paint(32, text)
  }

  #yellow(text: string): string {
    return this.#paint(33, text)
  }

  #bold(text: string): string {
    return this.#paint(1, text)
  }

  #paint(code: number, text: string): string {
    return this.#colours ? `\x1b[${code}m${text}\x1b[0m` : text
  }
}

export function mutantLine({ id, outcome, notes, error, durationMs }: BehaviourResult): string {
  return `  ${outcome === 'passed' ? '✓' : '✗'} ${id.padEnd(38)} ${seconds(durationMs).padStart(7)}  ${notes?.join('; ') ?? error?.message ?? ''}`
}

/** The last line of every run. What could not run proves nothing, so it counts as skipped. */
export function finalLine({ passed, failed, skipped, notRun }: Summary): string {
  return `${passed} passed, ${failed} failed, ${skipped + notRun} skipped`
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? ''
}

const SHOWN_FRAMES = 4

/** The message and where in the suite or in the product it came up; all of it stands in the JSON file. */
function shortError({ name, message, code, stack = '' }: FailureReport): string {
  const frames = stack
    .split('\n')
    .filter((line) => /^\s+at /.test(line) && !/node:|conformance\/src\/harness\//.test(line))
  return [`${name}${code ? ` ${code}` : ''}: ${message}`, ...frames.slice(0, SHOWN_FRAMES)].join('\n')
}

function indent(text: string): string {
  return text.replace(/^/gm, '    ')
}
