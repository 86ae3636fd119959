// Writes the next migration of one dialect out of what changed in its tables.ts since the last one:
//   node scripts/generate-migration.mjs sqlite add_task_estimates
// It asks no server. drizzle-kit compares the tables with drizzle/snapshots; the SQL it finds becomes
// drizzle/NNNN_name/up.sql. Triggers and text search are added there by hand, and so is the way back in down.sql.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const BREAKPOINT = '--> statement-breakpoint'
const root = dirname(dirname(fileURLToPath(import.meta.url)))

const [dialect, name] = process.argv.slice(2)
process.exitCode = main(dialect, name)

function main(dialect, name) {
  if (
    !dialect ||
    !existsSync(join(root, 'packages', dialect, 'drizzle.config.ts')) ||
    !/^[a-z0-9_]+$/.test(name ?? '')
  ) {
    console.error('Usage: node scripts/generate-migration.mjs <sqlite|pg|mysql> <name_in_lower_case>')
    return 2
  }
  const folder = join(root, 'packages', dialect)
  const generated = generate(folder, name)
  if (generated === undefined) return 1
  const target = join(folder, 'drizzle', `${nextNumber(join(folder, 'drizzle'))}_${name}`)
  mkdirSync(target)
  writeFileSync(join(target, 'up.sql'), generated)
  writeFileSync(join(target, 'down.sql'), '-- Undo up.sql here, its last statement first.\n')
  writeFileSync(join(target, 'meta.json'), '{ "losesData": false }\n')
  console.log(`Wrote ${target}: complete up.sql by hand, then write down.sql.`)
  return 0
}

/** Runs drizzle-kit; undefined when it fails or finds nothing new. */
function generate(folder, name) {
  const snapshots = join(folder, 'drizzle', 'snapshots')
  // Workspace packages resolve to their TypeScript source.
  const env = { ...process.env, NODE_OPTIONS: '--conditions=archon-db-source' }
  const options = { cwd: folder, env, stdio: 'inherit', shell: process.platform === 'win32' }
  const { status } = spawnSync('pnpm', ['exec', 'drizzle-kit', 'generate', '--name', name], options)
  const file = existsSync(snapshots) && readdirSync(snapshots).find((entry) => entry.endsWith('.sql'))
  if (status !== 0 || !file) return undefined
  const sql = readFileSync(join(snapshots, file), 'utf8')
  // The snapshot is what the next run compares with; the SQL lives on in the migration alone.
  rmSync(join(snapshots, file))
  return tidy(sql)
}

function tidy(sql) {
  const statements = sql
    .split(BREAKPOINT)
    .map((statement) => mendExpressionIndex(statement.trim()).replaceAll('\t', '  '))
  return `${statements.join(`\n${BREAKPOINT}\n`)}\n`
}

/** drizzle-kit takes the commas inside an indexed expression for commas between columns, and quotes the pieces. */
function mendExpressionIndex(statement) {
  return statement.replace(/^(CREATE (?:UNIQUE )?INDEX .* ON \S+ \()`(\w+\(.*\))`\);$/, (_, head, expression) => {
    return `${head}${expression.replaceAll('`,`', ',')});`
  })
}

function nextNumber(folder) {
  const numbers = readdirSync(folder).map((entry) => Number.parseInt(entry, 10))
  const last = Math.max(0, ...numbers.filter(Number.isInteger))
  return String(last + 1).padStart(4, '0')
}
