import { closestName } from '@archon-db/core/connection'
import {
  COMMON_OPTIONS,
  type Command,
  type OptionSpec,
  type OptionSpecs,
  type OptionValue,
  optionName,
} from './command.ts'

/** The command was typed wrongly: exit code 2. */
export class UsageError extends Error {
  readonly command: Command | undefined

  constructor(message: string, command?: Command) {
    super(message)
    this.name = 'UsageError'
    this.command = command
  }
}

export interface Invocation {
  readonly command: Command | undefined
  readonly options: Readonly<Record<string, OptionValue>>
  readonly args: readonly string[]
}

/** Options may stand before and after the command; `--` ends them. */
export function parseArguments(argv: readonly string[], commands: readonly Command[]): Invocation {
  const options: Record<string, OptionValue> = {}
  const args: string[] = []
  let command: Command | undefined
  const rest = [...argv]
  for (let token = rest.shift(); token !== undefined; token = rest.shift()) {
    if (token === '--') args.push(...rest.splice(0))
    else if (isOption(token)) readOption(token, rest, options, command)
    else if (command) args.push(token)
    else command = commandNamed(token, commands)
  }
  if (command && !options.help && !options.version) checkArguments(command, args)
  return { command, options, args }
}

/** A lone dash is an argument, as everywhere: standard input. */
function isOption(token: string): boolean {
  return token.startsWith('-') && token !== '-'
}

function commandNamed(name: string, commands: readonly Command[]): Command {
  const found = commands.find((command) => command.name === name)
  if (found) return found
  throw new UsageError(
    `There is no command called ${shown(name)}.${suggestion(
      name,
      commands.map((command) => command.name),
    )}`,
  )
}

function readOption(
  token: string,
  rest: string[],
  options: Record<string, OptionValue>,
  command: Command | undefined,
): void {
  const specs: OptionSpecs = { ...COMMON_OPTIONS, ...command?.options }
  const [typed = '', ...values] = token.split('=')
  const inline = values.length > 0 ? values.join('=') : undefined
  const [key, spec] = optionTyped(typed, specs, command)
  if (key in options) throw new UsageError(`${typed} is given twice.`, command)
  options[key] =
    spec.kind === 'flag'
      ? flagValue(typed, inline, command)
      : textValue(typed, spec, inline ?? nextValue(rest), command)
}

function optionTyped(typed: string, specs: OptionSpecs, command: Command | undefined): [string, OptionSpec] {
  const found = Object.entries(specs).find(
    ([key, spec]) =>
      typed === optionName(key) || (spec.kind === 'flag' && spec.short !== undefined && typed === `-${spec.short}`),
  )
  if (found) return found
  const near = suggestion(typed, Object.keys(specs).map(optionName))
  throw new UsageError(
    `${command ? `${command.name} has no option` : 'There is no option'} ${shown(typed)}.${near}`,
    command,
  )
}

function flagValue(typed: string, inline: string | undefined, command: Command | undefined): true {
  if (inline === undefined) return true
  throw new UsageError(`${typed} takes no value.`, command)
}

function nextValue(rest: string[]): string | undefined {
  return rest[0] === undefined || rest[0].startsWith('--') ? undefined : rest.shift()
}

function textValue(
  typed: string,
  spec: OptionSpec & { readonly value: string },
  value: string | undefined,
  command: Command | undefined,
): string | number {
  if (value === undefined || value === '')
    throw new UsageError(`${typed} needs a value: ${typed} ${spec.value}.`, command)
  if (spec.kind !== 'number') return value
  if (/^\d{1,15}$/.test(value)) return Number(value)
  throw new UsageError(`${typed} takes a whole number.`, command)
}

function checkArguments(command: Command, args: readonly string[]): void {
  const known = command.arguments ?? []
  const missing = known.find(({ required }, at) => required && args[at] === undefined)
  if (missing) throw new UsageError(`${command.name} needs ${missing.name}: ${missing.about}.`, command)
  if (args.length <= known.length) return
  const most = known.length === 0 ? 'no argument' : known.length === 1 ? 'one argument' : `${known.length} arguments`
  const given = args.length === 1 ? '1 was given' : `${args.length} were given`
  // The shell has split a statement that was meant as one.
  const hint = known.length === 1 ? ' Put it into quotes if it is meant as one.' : ''
  throw new UsageError(`${command.name} takes ${most}; ${given}.${hint}`, command)
}

function suggestion(typed: string, known: readonly string[]): string {
  const near = closestName(typed, known)
  return near ? ` Did you mean ${near}?` : ''
}

/** What was typed may be anything, also control characters. */
function shown(typed: string): string {
  return JSON.stringify(typed.length > 60 ? `${typed.slice(0, 60)}…` : typed)
}
