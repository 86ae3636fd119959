// Writes the first rows of a database into a dialect's 0002_seed migration:
//   node --conditions=archon-db-source scripts/generate-seed-sql.mjs sqlite
// To be run by hand, before a release only: a migration that has been applied somewhere must not change any more.
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { TABLE_NAMES } from '../packages/core/src/rows.ts'
import { SEEDS } from '../packages/core/src/seeds.ts'

const BREAKPOINT = '\n--> statement-breakpoint\n'
const QUOTES = { sqlite: '"', pg: '"', mysql: '`' }
/** A database that Archon made before has rows of its own, which stay as they are. */
const ENDINGS = { pg: '\non conflict do nothing' }
const root = dirname(dirname(fileURLToPath(import.meta.url)))

const dialect = process.argv[2]
const quote = QUOTES[dialect]
if (quote === undefined) {
  console.error(
    `Usage: node --conditions=archon-db-source scripts/generate-seed-sql.mjs <${Object.keys(QUOTES).join('|')}>`,
  )
  process.exit(2)
}

const { schema } = await import(`../packages/${dialect}/src/schema.ts`)
const target = join(root, 'packages', dialect, 'drizzle', '0002_seed')
mkdirSync(target, { recursive: true })
const entities = Object.keys(SEEDS)
writeFileSync(join(target, 'up.sql'), `${entities.map(insertRows).join(BREAKPOINT)}\n`)
writeFileSync(join(target, 'down.sql'), `${entities.toReversed().map(deleteRows).join(BREAKPOINT)}\n`)
writeFileSync(join(target, 'meta.json'), '{ "losesData": true }\n')
console.log(`Wrote ${target}.`)

function insertRows(entity) {
  const table = schema.tables.get(TABLE_NAMES[entity])
  const keys = Object.keys(SEEDS[entity][0])
  const columns = keys.map((key) => identifier(table.byKey.get(key).name)).join(', ')
  const rows = SEEDS[entity].map((row) => `  (${keys.map((key) => literal(row[key])).join(', ')})`)
  return `insert into ${identifier(table.name)} (${columns}) values\n${rows.join(',\n')}${ENDINGS[dialect] ?? ''};`
}

function deleteRows(entity) {
  const ids = SEEDS[entity].map((row) => `  ${literal(row.id)}`)
  return `delete from ${identifier(TABLE_NAMES[entity])} where ${identifier('id')} in (\n${ids.join(',\n')}\n);`
}

function identifier(name) {
  return `${quote}${name}${quote}`
}

function literal(value) {
  if (value === null || typeof value === 'boolean') return String(value)
  if (value.includes('\\')) throw new Error(`A seed holds a backslash, which not all databases read alike: ${value}`)
  return `'${value.replaceAll("'", "''")}'`
}
