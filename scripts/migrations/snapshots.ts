import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { join, relative } from 'node:path'

/** Asks drizzle-kit whether a dialect's tables are those of its newest snapshot. Works on a copy: nothing is written. */
export function compareWithSnapshot(root: string, dialect: string): string[] {
  const folder = join(root, 'packages', dialect)
  const snapshots = join(folder, 'drizzle', 'snapshots')
  if (!existsSync(snapshots)) return [`packages/${dialect}/drizzle has no snapshots to compare the tables with.`]
  const kind = /dialect: '(\w+)'/.exec(readFileSync(join(folder, 'drizzle.config.ts'), 'utf8'))?.[1] ?? ''
  const cache = join(root, 'node_modules', '.cache', 'archon-db')
  mkdirSync(cache, { recursive: true })
  const copy = mkdtempSync(join(cache, 'snapshots-'))
  try {
    cpSync(snapshots, copy, { recursive: true })
    const output = generate(folder, kind, copy)
    return output.includes('No schema changes')
      ? []
      : [
          `packages/${dialect}/src/tables.ts is not what its newest snapshot says. Add a migration (archon-db new NAME). drizzle-kit: ${lastLine(output)}`,
        ]
  } finally {
    rmSync(copy, { recursive: true, force: true })
  }
}

/** drizzle-kit puts ./ before the folder, so it has to be a relative one. */
function generate(folder: string, kind: string, copy: string): string {
  const args = ['exec', 'drizzle-kit', 'generate', '--dialect', kind, '--schema', './src/tables.ts', '--out']
  const { stdout, stderr, status } = spawnSync('pnpm', [...args, relative(folder, copy)], {
    cwd: folder,
    encoding: 'utf8',
    // A question about a renamed column finds nobody to answer it, which is an answer too.
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NODE_OPTIONS: '--conditions=archon-db-source' },
    shell: process.platform === 'win32',
  })
  return status === 0 ? stdout : `failed: ${stderr || stdout}`
}

function lastLine(output: string): string {
  return output.trim().split('\n').at(-1) ?? ''
}
