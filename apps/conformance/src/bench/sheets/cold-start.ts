import { execFile } from 'node:child_process'
import { cp, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { quantile } from '../measure.ts'
import type { Sheet } from '../report.ts'
import type { SheetCase } from './index.ts'

const run = promisify(execFile)
const ROOT = fileURLToPath(new URL('../../../../../', import.meta.url))
const ROUNDS = 15
const BUDGET_MS = 150
const PACKAGES = ['core', 'vector', 'sqlite', 'pg', 'mysql', 'cli']

const SCRIPTS = {
  'bare Node': '',
  'the libsql binding and a query': `import { createRequire } from 'node:module'
const require = createRequire(new URL('./packages/sqlite/package.json', import.meta.url))
const Database = require('libsql')
new Database('./cold.db').prepare('select * from archon_settings limit 1').all()`,
  'import of archon-db': `import { connect } from './packages/cli/dist/index.js'
if (!connect) throw new Error('no connect')`,
  'import, connect and a query': `import { connect } from './packages/cli/dist/index.js'
const db = await connect({ url: 'file:./cold.db' })
await db.select('archon_settings', { limit: 1 })
await db.close()`,
} as const

/** From the start of a process to its end, with the packages as they are published. */
export const coldStart: SheetCase = {
  name: 'cold-start',
  async run({ log }): Promise<Sheet[]> {
    const folder = await mkdtemp(join(tmpdir(), 'archon-db-cold-'))
    try {
      await buildCopy(folder)
      const times = await race(folder)
      const bare = times.get('bare Node') as number[]
      const rows = [...times].map(([name, each]) => {
        const over = each.map((time, round) => time - (bare[round] as number))
        const middle = quantile(over, 0.5)
        const mark = name.endsWith('query') && name.startsWith('import') ? (middle < BUDGET_MS ? '✓' : '✗') : ''
        const row = [
          name,
          ms(quantile(each, 0.5)),
          ms(middle),
          `${ms(quantile(over, 0.25))}–${ms(quantile(over, 0.75))}`,
          mark,
        ]
        log(`  cold start  ${row.join('  ')}`)
        return row
      })
      const columns = ['process', 'median', 'over bare Node', 'half of the rounds', `of ${BUDGET_MS} ms`]
      return [{ title: 'Cold start, SQLite', columns, rows }]
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  },
}

/** A build of its own, so that it is today's code and nothing is left behind. */
async function buildCopy(folder: string): Promise<void> {
  const copied = (path: string): boolean => !/\/(?:dist|test|\.[^/]*)(?:\/|$)/.test(path.slice(ROOT.length))
  for (const name of PACKAGES) {
    const path = join('packages', name)
    await cp(join(ROOT, path), join(folder, path), { recursive: true, verbatimSymlinks: true, filter: copied })
  }
  await cp(join(ROOT, 'tsconfig.base.json'), join(folder, 'tsconfig.base.json'))
  await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'))
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }')
  const tsc = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc')
  await run(process.execPath, [tsc, '-b', join(folder, 'packages', 'cli')], { cwd: folder })
  const finish = join(ROOT, 'scripts', 'commonjs-drizzle.ts')
  for (const name of PACKAGES) await run(process.execPath, [finish, join(folder, 'packages', name)])
  await run(process.execPath, ['--input-type=module', '-e', MIGRATE], { cwd: folder })
}

const MIGRATE = `import { connect } from './packages/cli/dist/index.js'
const db = await connect({ url: 'file:./cold.db' })
await db.migrate()
await db.close()`

async function race(folder: string): Promise<Map<string, number[]>> {
  const scripts = await Promise.all(
    Object.entries(SCRIPTS).map(async ([name, text], place) => {
      const file = join(folder, `start-${place}.mjs`)
      await writeFile(file, text)
      return { name, file, times: [] as number[] }
    }),
  )
  // The first one fills the file system's cache.
  for (let round = -1; round < ROUNDS; round++) {
    for (const { file, times } of round % 2 ? scripts : scripts.toReversed()) {
      const started = performance.now()
      await run(process.execPath, [file], { cwd: folder })
      if (round >= 0) times.push(performance.now() - started)
    }
  }
  return new Map(scripts.map(({ name, times }) => [name, times]))
}

function ms(value: number): string {
  return `${Math.round(value)} ms`
}
