import { parseArguments, UsageError } from './arguments.ts'
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
  if (argv.includes('--no-color')) terminal.withoutColours()
  const asked = { json: argv.includes('--json'), verbose: argv.includes('--verbose') }
  try {
    const { command, options, args } = parseArguments(argv, COMMANDS)
    if (options.version) return answer(terminal, packageVersion())
    if (options.help)
      return answer(terminal, command ? commandHelp(command, terminal) : generalHelp(COMMANDS, terminal))
    if (!command) throw new UsageError('Which command?')
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
