import { COMMON_OPTIONS, type Command, type OptionSpec, optionName } from './command.ts'
import type { Terminal } from './terminal.ts'

type Entry = readonly [left: string, right: string]

/** Everything there is, for `archon-db --help`. */
export function generalHelp(commands: readonly Command[], terminal: Terminal): string {
  return [
    'One data layer for Archon on any database.',
    '',
    `${heading('Usage', terminal)} archon-db <command> [options]`,
    '',
    heading('Commands', terminal),
    ...listed(commands.map(({ name, summary }) => [name, summary])),
    '',
    heading('Options of every command', terminal),
    ...listed(optionEntries(COMMON_OPTIONS)),
    '',
    heading('Which database', terminal),
    '  --url, otherwise DATABASE_URL, otherwise DATABASE_TYPE with POSTGRES_*, MYSQL_* or SUPABASE_*,',
    '  otherwise the file archon.db in this folder.',
    '',
    heading('Examples', terminal),
    ...listed([
      ['archon-db init', 'A database in archon.db, ready to use'],
      ['archon-db status --url postgresql://user@host/archon', 'The state of another database'],
      ['archon-db sql "select title from archon_projects"', 'Ask it something'],
    ]),
    '',
    'archon-db <command> --help says more about each.',
  ].join('\n')
}

export function commandHelp(command: Command, terminal: Terminal): string {
  const own = Object.keys(command.options).length > 0
  const words = (command.arguments ?? []).map(({ name, required }) => (required ? name : `[${name}]`))
  return [
    `${command.summary}.`,
    ...(command.details ? ['', command.details] : []),
    '',
    `${heading('Usage', terminal)} ${['archon-db', command.name, ...words, '[options]'].join(' ')}`,
    ...section(
      'Arguments',
      (command.arguments ?? []).map(({ name, about }) => [name, about]),
      terminal,
    ),
    ...(own ? section('Options', optionEntries(command.options), terminal) : []),
    ...section('Options of every command', optionEntries(COMMON_OPTIONS), terminal),
    ...section(
      'Examples',
      command.examples.map(({ run, about }) => [`archon-db ${run}`, about]),
      terminal,
    ),
  ].join('\n')
}

function section(title: string, entries: readonly Entry[], terminal: Terminal): string[] {
  return entries.length === 0 ? [] : ['', heading(title, terminal), ...listed(entries)]
}

function heading(text: string, terminal: Terminal): string {
  return terminal.style('bold', `${text}:`)
}

function optionEntries(options: Readonly<Record<string, OptionSpec>>): Entry[] {
  return Object.entries(options).map(([key, spec]) => {
    const short = spec.kind === 'flag' && spec.short ? `-${spec.short}, ` : ''
    const value = spec.kind === 'flag' ? '' : ` ${spec.value}`
    return [`${short}${optionName(key)}${value}`, spec.about]
  })
}

const WIDEST_LEFT = 44

function listed(entries: readonly Entry[]): string[] {
  const width = Math.min(WIDEST_LEFT, Math.max(...entries.map(([left]) => left.length)))
  return entries.flatMap(([left, right]) =>
    left.length > width ? [`  ${left}`, `  ${' '.repeat(width)}  ${right}`] : [`  ${left.padEnd(width)}  ${right}`],
  )
}
