import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readMigrations } from '../../src/migrator/files.ts'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'archon-db-migrations-'))
})

afterEach(() => rmSync(folder, { recursive: true }))

function write(label: string, files: Readonly<Record<string, string>> = {}): void {
  const all = { 'up.sql': 'create table t (id integer);', 'down.sql': 'drop table t;', 'meta.json': '{}', ...files }
  mkdirSync(join(folder, label))
  for (const [file, text] of Object.entries(all)) writeFileSync(join(folder, label, file), text)
}

const read: typeof readMigrations = (_url, steps) => readMigrations(pathToFileURL(folder), steps)
const url = new URL('file:///unused/')

test('migrations come in the order of their numbers; other folders are none', async () => {
  write('0002_second', { 'meta.json': '{ "losesData": false, "transaction": false }' })
  write('0001_first')
  mkdirSync(join(folder, 'snapshots'))
  expect(await read(url)).toEqual([
    { version: 1, name: 'first', up: 'create table t (id integer);', down: 'drop table t;', meta: {} },
    {
      version: 2,
      name: 'second',
      up: 'create table t (id integer);',
      down: 'drop table t;',
      meta: { losesData: false, transaction: false },
    },
  ])
})

test('a data step goes with the migration of its name, and a stray one is an error', async () => {
  write('0001_first')
  const step = { up: async () => ({ cursor: null, rows: 0 }) }
  expect((await read(url, { '0001_first': step }))[0]?.step).toBe(step)
  await expect(read(url, { '0002_other': step })).rejects.toMatchObject({
    message: expect.stringContaining('0002_other'),
  })
})

test('two migrations with one number are an error that names both', async () => {
  write('0001_mine')
  write('0001_yours')
  await expect(read(url)).rejects.toMatchObject({
    code: 'invalid_input',
    message:
      'Migrations mine and yours both have the number 1. Give the one that was never released the next free number.',
  })
})

test.each([
  ['up.sql', '-- to be written\n', 'up.sql of migration 0001_first holds no statement.'],
  ['down.sql', '-- to be written\n', 'down.sql of migration 0001_first holds no statement.'],
  ['meta.json', '{ "loosesData": true }', 'meta.json of migration 0001_first has no setting called loosesData.'],
  ['meta.json', '{ "losesData": "yes" }', 'losesData in meta.json of migration 0001_first takes true or false.'],
  ['meta.json', 'losesData', 'meta.json of migration 0001_first is not JSON.'],
])('a wrong %s is an error (%j)', async (file, text, message) => {
  write('0001_first', { [file]: text })
  await expect(read(url)).rejects.toMatchObject({ code: 'invalid_input', message })
})

test('a missing file is an error that says which files there have to be', async () => {
  write('0001_first')
  rmSync(join(folder, '0001_first', 'down.sql'))
  await expect(read(url)).rejects.toMatchObject({
    message: 'Migration 0001_first needs the files up.sql, down.sql and meta.json.',
  })
})
