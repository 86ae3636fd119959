// node --conditions=archon-db-source scripts/check-migrations.mjs: the migrations of all dialects say the same, and are
// complete. A package without migrations is only begun and is left out.
import { existsSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { readMigrations } from '../packages/core/src/migrator/files.ts'
import { compareNumbers } from './migrations/numbers.ts'
import { compareSchemas } from './migrations/schemas.ts'
import { compareWithSnapshot } from './migrations/snapshots.ts'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const dialects = readdirSync(join(root, 'packages'))
  .sort()
  .filter((name) => existsSync(join(root, 'packages', name, 'drizzle', '0001_initial')))

const findings = [
  ...compareNumbers(await Promise.all(dialects.map(labelsOf))),
  ...compareSchemas(await Promise.all(dialects.map(schemaOf))),
  ...dialects.flatMap((dialect) => compareWithSnapshot(root, dialect)),
]
for (const finding of findings) console.error(finding)
console.log(`Migrations of ${dialects.join(', ')} compared, ${findings.length} findings.`)
process.exitCode = findings.length === 0 && dialects.length > 0 ? 0 : 1

/** Reading them as the migrator does finds what is missing or empty. */
async function labelsOf(dialect) {
  const migrations = await readMigrations(pathToFileURL(join(root, 'packages', dialect, 'drizzle')))
  return { dialect, labels: migrations.map(({ version, name }) => `${String(version).padStart(4, '0')}_${name}`) }
}

async function schemaOf(dialect) {
  const { schema } = await import(pathToFileURL(join(root, 'packages', dialect, 'src', 'schema.ts')).href)
  return { dialect, schema }
}
