import { type Command, defineCommand } from '../command.ts'
import { examine, type Finding, type Verdict } from '../doctor/examine.ts'
import type { Style, Terminal } from '../terminal.ts'

const MARKS: Readonly<Record<Verdict, readonly [mark: string, style: Style]>> = {
  ok: ['✓', 'green'],
  warning: ['!', 'yellow'],
  failed: ['✗', 'red'],
  skipped: ['–', 'dim'],
}

export const doctor: Command = defineCommand({
  name: 'doctor',
  summary: 'Look at everything that can be wrong, and say what to do about it',
  details: 'Changes nothing: the write it tries is rolled back. Ends with exit code 1 when something has failed.',
  options: {},
  examples: [
    { run: 'doctor', about: 'All checks' },
    { run: 'doctor --url postgresql://user@host/archon', about: 'Of another database' },
    { run: 'doctor --json', about: 'The findings for machines' },
  ],
  async run(context) {
    const findings = await examine(context)
    const ok = findings.every(({ verdict }) => verdict !== 'failed')
    return {
      data: { ok, findings },
      ok,
      print(terminal) {
        const width = Math.max(...findings.map(({ name }) => name.length))
        for (const finding of findings) printFinding(finding, width, terminal)
        terminal.line()
        terminal.line(summary(findings))
      },
    }
  },
})

function printFinding({ name, verdict, detail, advice }: Finding, width: number, terminal: Terminal): void {
  const [mark, style] = MARKS[verdict]
  const indent = ' '.repeat(width + 4)
  terminal.line(`${terminal.style(style, mark)} ${name.padEnd(width)}  ${detail.replaceAll('\n', `\n${indent}`)}`)
  if (advice) terminal.line(`${indent}→ ${advice}`)
}

function summary(findings: readonly Finding[]): string {
  const number = (wanted: Verdict): number => findings.filter(({ verdict }) => verdict === wanted).length
  const [failed, warnings] = [number('failed'), number('warning')]
  if (failed + warnings === 0) return 'All is well.'
  return [failed > 0 ? `${failed} failed` : '', warnings > 0 ? `${warnings} to look at` : ''].filter(Boolean).join(', ')
}
