import { parseArguments } from './arguments.ts'
import type { Command, OptionValue } from './command.ts'
import { COMMANDS } from './commands/index.ts'
import { exitCodeOf, failureData, printFailure } from './failure.ts'
import { commandHelp, generalHelp } from './help.ts'
import { toJson } from './json.ts'
import { Run } from './run.ts'
import { Terminal } from './terminal.ts'
import { packageVersion } from './version.ts'

/** Runs what was typed and returns the exit code: 0 done, 1 failed, 2 typed wrongly. */
export async function main(argv: readonly string[]): Promise<number> {
  const terminal = new Terminal()
  // Looked for before anything is checked: also a mistake is answered in the form that was asked for.
  const typed = new Set(argv.includes('--') ? argv.slice(0, argv.indexOf('--')) : argv)
  const asked = { json: typed.has('--json'), verbose: typed.has('--verbose') }
  if (typed.has('--no-color')) terminal.withoutColours()
  try {
    const { command, options, args } = parseArguments(argv, COMMANDS)
    if (options.version) return answer(terminal, packageVersion())
    if (options.help)
      return answer(terminal, command ? commandHelp(command, terminal) : generalHelp(COMMANDS, terminal))
    if (!command) return nothingTyped(terminal)
    return await runCommand(command, options, args, terminal)
  } catch (error) {
    if (asked.json) terminal.line(toJson(failureData(error)))
    else printFailure(error, terminal, asked.verbose)
    return exitCodeOf(error)
  }
}

function answer(terminal: Terminal, text: string): 0 {
  terminal.line(text)
  return 0
}

function nothingTyped(terminal: Terminal): 2 {
  terminal.note(generalHelp(COMMANDS, terminal))
  return 2
}

async function runCommand(
  command: Command,
  options: Readonly<Record<string, OptionValue>>,
  args: readonly string[],
  terminal: Terminal,
): Promise<number> {
  const { url, json, verbose } = options
  const run = new Run(terminal, {
    url: typeof url === 'string' ? url : undefined,
    json: json === true,
    verbose: verbose === true,
  })
  try {
    const report = await command.run(run, options, args)
    if (run.json) terminal.line(toJson(report.data))
    else report.print(terminal)
    return report.ok === false ? 1 : 0
  } finally {
    await run.close()
  }
}
