import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { DbError } from '@archon-db/core'
import { UsageError } from '../arguments.ts'
import { type Command, type Context, defineCommand } from '../command.ts'
import { label } from '../migrating.ts'

export const newMigration: Command = defineCommand({
  name: 'new',
  summary: 'Begin a migration for all databases (in the source of archon-db)',
  details:
    'Writes packages/*/drizzle/NNNN_name with the same number everywhere. Where the tables have changed, up.sql holds what\n' +
    'drizzle-kit found; elsewhere it waits to be written by hand. The way back is always written by hand.',
  arguments: [{ name: 'NAME', about: 'what it does, in lower case with _ between words', required: true }],
  options: { in: { kind: 'text', value: 'FOLDER', about: 'The folder of the source (this one when left out)' } },
  examples: [{ run: 'new add_task_estimates', about: 'The next number, on every database' }],
  async run(context, { in: folder = '.' }, [name = '']) {
    if (!/^[a-z][a-z0-9_]*$/.test(name))
      throw new UsageError('NAME takes lower-case letters, digits and _.', newMigration)
    const root = resolve(folder)
    const dialects = dialectsIn(root)
    const version = nextVersion(root, dialects)
    const created = dialects.map((dialect) => begin(context, { root, dialect, version, name }))
    return {
      data: { version, name, folders: created },
      print(terminal) {
        for (const path of created) terminal.line(`${terminal.style('green', '✓')} ${relative(process.cwd(), path)}`)
        terminal.line()
        terminal.line('Next: complete up.sql, write down.sql, and say in meta.json whether the way back loses data.')
      },
    }
  },
})

/** Packages that keep tables: those with a configuration for drizzle-kit. */
function dialectsIn(root: string): string[] {
  const packages = join(root, 'packages')
  const names = existsSync(packages) ? readdirSync(packages).sort() : []
  const dialects = names.filter((name) => existsSync(join(packages, name, 'drizzle.config.ts')))
  if (dialects.length > 0) return dialects
  throw new DbError('not_found', `${root} is not the source of archon-db: no packages/*/drizzle.config.ts is there.`)
}

const FOLDER = /^(\d{4})_([a-z0-9_]+)$/

/** One number for all; a database that lags behind would get a gap. */
function nextVersion(root: string, dialects: readonly string[]): number {
  const newest = dialects.map((dialect) => Math.max(0, ...versionsIn(join(root, 'packages', dialect, 'drizzle'))))
  const highest = Math.max(...newest)
  const behind = dialects.filter((_, i) => newest[i] !== highest)
  if (behind.length === 0) return highest + 1
  throw new DbError(
    'migration_drift',
    `Migration ${highest} is missing in packages/${behind.join(' and packages/')}. Add it there first.`,
  )
}

function versionsIn(folder: string): number[] {
  return existsSync(folder)
    ? readdirSync(folder)
        .flatMap((entry) => FOLDER.exec(entry)?.[1] ?? [])
        .map(Number)
    : []
}

interface Beginning {
  readonly root: string
  readonly dialect: string
  readonly version: number
  readonly name: string
}

function begin(context: Context, beginning: Beginning): string {
  const { root, dialect, version, name } = beginning
  const target = join(root, 'packages', dialect, 'drizzle', label({ version, name }))
  context.progress(`${dialect}: comparing the tables with the last migration`)
  if (!generate(beginning)) scaffold(target)
  if (!existsSync(target)) throw new DbError('unknown', `${target} was not written.`)
  return target
}

/** False where the tables have not changed. */
function generate({ root, dialect, name }: Beginning): boolean {
  const script = join(root, 'scripts', 'generate-migration.mjs')
  if (!existsSync(script)) return false
  return spawnSync(process.execPath, [script, dialect, name], { cwd: root, stdio: 'ignore' }).status === 0
}

function scaffold(target: string): void {
  mkdirSync(target, { recursive: true })
  writeFileSync(join(target, 'up.sql'), '-- Write the SQL here. Between two statements: --> statement-breakpoint\n')
  writeFileSync(join(target, 'down.sql'), '-- Undo up.sql here, its last statement first.\n')
  writeFileSync(join(target, 'meta.json'), '{ "losesData": true }\n')
}
