import type { Figures, Interval } from './measure.ts'
import type { Case } from './stage.ts'

export interface CaseReport {
  readonly case: string
  readonly title: string
  readonly budget?: number
  /** The first one is the baseline. */
  readonly contenders: Readonly<Record<string, Figures>>
}

export interface BackendReport {
  readonly name: string
  readonly label: string
  /** What the ratios are to. */
  readonly driver: string
  readonly version: string
  readonly cases: readonly CaseReport[]
  /** Set when the machine cannot run it. */
  readonly notRun?: string
}

/** Figures that are no ratio to a driver: memory, starting, vectors. */
export interface Sheet {
  readonly title: string
  readonly columns: readonly string[]
  readonly rows: readonly (readonly string[])[]
  readonly note?: string
}

export interface BenchReport {
  readonly startedAt: string
  readonly node: string
  readonly backends: readonly BackendReport[]
  readonly sheets: readonly Sheet[]
}

export function caseReport(
  { name, title, budget }: Case,
  backend: string,
  figures: ReadonlyMap<string, Figures>,
): CaseReport {
  const contenders = Object.fromEntries(figures)
  return { case: name, title, ...(budget ? { budget: budget(backend) } : {}), contenders }
}

/** Kept, missed, or not to be told apart from the limit by this run. */
export type Verdict = 'kept' | 'missed' | 'undecided'

function verdictOn({ ratio, likely }: Figures, budget: number): Verdict {
  if (likely[1] <= budget) return 'kept'
  if (likely[0] > budget) return 'missed'
  return ratio <= budget && likely[1] - likely[0] < 0.02 ? 'kept' : 'undecided'
}

const MARKS: Record<Verdict, string> = { kept: '✓', missed: '✗', undecided: '?' }

/** `0.98 ✓`, `1.12 ✗ (1.10–1.15)`; the range where there is doubt. */
export function cell(report: CaseReport): string {
  const figures = report.contenders['archon-db']
  if (!figures) return ''
  const verdict = report.budget === undefined ? undefined : verdictOn(figures, report.budget)
  const doubt = verdict === 'undecided' || verdict === 'missed' ? ` (${range(figures.likely)})` : ''
  return `${figures.ratio.toFixed(2)}${verdict ? ` ${MARKS[verdict]}` : ''}${doubt}${figures.tooNoisy ? ' ≈' : ''}`
}

export function range(interval: Interval): string {
  return interval.map((value) => value.toFixed(2)).join('–')
}

export function line(report: CaseReport): string {
  const entries = Object.entries(report.contenders)
  const rows = entries.map(([name, { median, p95, cpu, ratio, spread, likely, tooNoisy }]) => {
    const noise = tooNoisy ? '  too noisy to tell from the baseline' : ''
    return `    ${name.padEnd(18)}${micros(median).padStart(10)} µs  p95 ${micros(p95).padStart(10)}  cpu ${micros(cpu).padStart(9)}  ${ratio.toFixed(2).padStart(6)}  spread ${range(spread)}  likely ${range(likely)}${noise}`
  })
  const budget = report.budget === undefined ? '' : `  budget ${report.budget}`
  return [`  ${report.case.padEnd(18)}${cell(report)}${budget}`, ...rows].join('\n')
}

export function micros(value: number): string {
  return value < 100 ? value.toFixed(1) : Math.round(value).toLocaleString('en')
}
