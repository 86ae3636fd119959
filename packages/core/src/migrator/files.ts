import { readdir, readFile } from 'node:fs/promises'
import { invalidInput } from '../errors.ts'
import type { DataStep } from './data-step.ts'
import { DATA_STEPS } from './data-steps.ts'
import { type Migration, type MigrationMeta, splitStatements } from './migration.ts'

const FOLDER = /^(\d{4})_([a-z0-9_]+)$/

type DataSteps = Readonly<Record<string, DataStep>>

/**
 * The migrations in a folder of `NNNN_name/{up.sql,down.sql,meta.json}`, in order, with their data steps:
 * `readMigrations(new URL('../drizzle/', import.meta.url))`
 */
export async function readMigrations(url: URL, steps: DataSteps = DATA_STEPS): Promise<Migration[]> {
  const folder = new URL(url.href.endsWith('/') ? url.href : `${url.href}/`)
  const labels = (await readdir(folder)).filter((name) => FOLDER.test(name)).sort()
  const stray = Object.keys(steps).find((label) => !labels.includes(label))
  if (stray !== undefined) throw invalidInput(`There is a data step for ${stray}, and no such migration.`)
  const migrations = await Promise.all(labels.map((label) => readMigration(folder, label, steps[label])))
  checkNumbers(migrations)
  return migrations
}

async function readMigration(folder: URL, label: string, step: DataStep | undefined): Promise<Migration> {
  const read = (file: string): Promise<string> => readFile(new URL(`${label}/${file}`, folder), 'utf8')
  const [, version = '', name = ''] = FOLDER.exec(label) ?? []
  const [up, down, meta] = await Promise.all([read('up.sql'), read('down.sql'), read('meta.json')]).catch(
    (cause: unknown) => {
      throw invalidInput(`Migration ${label} needs the files up.sql, down.sql and meta.json.`, { cause })
    },
  )
  for (const [file, text] of Object.entries({ 'up.sql': up, 'down.sql': down })) {
    if (splitStatements(text).length === 0) throw invalidInput(`${file} of migration ${label} holds no statement.`)
  }
  return { version: Number(version), name, up, down, meta: readMeta(label, meta), ...(step && { step }) }
}

function readMeta(label: string, text: string): MigrationMeta {
  const meta: unknown = parseJson(label, text)
  const { losesData, transaction, ...others } = Object(meta) as Record<string, unknown>
  const unknown = Object.keys(others)
  if (unknown.length > 0)
    throw invalidInput(`meta.json of migration ${label} has no setting called ${unknown.join(', ')}.`)
  for (const [key, value] of Object.entries({ losesData, transaction })) {
    if (value !== undefined && typeof value !== 'boolean')
      throw invalidInput(`${key} in meta.json of migration ${label} takes true or false.`)
  }
  return meta as MigrationMeta
}

function parseJson(label: string, text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw invalidInput(`meta.json of migration ${label} is not JSON.`, { cause })
  }
}

/** Two branches that each added a migration meet here after their merge. */
function checkNumbers(migrations: readonly Migration[]): void {
  for (const [i, { version, name }] of migrations.entries()) {
    const before = migrations[i - 1]
    if (before?.version === version) {
      throw invalidInput(
        `Migrations ${before.name} and ${name} both have the number ${version}. Give the one that was never released the next free number.`,
      )
    }
  }
}
