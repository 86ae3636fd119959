#!/usr/bin/env node
// The one entrance: `node scripts/run.mjs <job> [arguments]`. Brings Node and pnpm, the dependencies, then the job.
// Plain JavaScript for Node 20, like toolchain.mjs.
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ensureToolchain, run } from './toolchain.mjs'

/** What each command of package.json runs, after set-up. Workspace packages resolve to their TypeScript source. */
const JOBS = {
  start: 'scripts/start.ts',
  test: 'scripts/test.ts',
  'archon-db': 'packages/cli/src/bin.ts',
}

const script = fileURLToPath(import.meta.url)
const root = dirname(dirname(script))
const stamp = join(root, 'node_modules', '.archon-db-installed')

process.exitCode = main(process.argv.slice(2))

function main([job, ...args]) {
  const file = JOBS[job]
  if (file === undefined) {
    console.error(`Unknown job ${job ?? '(none)'}. There are: ${Object.keys(JOBS).join(', ')}.`)
    return 2
  }
  process.chdir(root)
  return ensureToolchain(script, [job, ...args]) ?? (install() || runJob(file, args))
}

/** Installs exactly what the lockfile says, when it says something else than at the last install. */
function install() {
  const wanted = fingerprint()
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return 0
  console.log('Installing dependencies.')
  // CI: pnpm asks no question. Its own output is kept: the first install takes a while and should not look stuck.
  const code = run('pnpm', ['install', '--frozen-lockfile'], { CI: 'true' })
  if (code === 0) writeFileSync(stamp, wanted)
  return code
}

function fingerprint() {
  const hash = createHash('sha256')
  for (const name of ['pnpm-lock.yaml', 'pnpm-workspace.yaml']) hash.update(readFileSync(join(root, name)))
  return hash.digest('hex')
}

function runJob(file, args) {
  if (!existsSync(join(root, file))) {
    console.error(`${file} is not there yet, so this command has nothing to run.`)
    return 1
  }
  return run(process.execPath, ['--conditions=archon-db-source', file, ...args])
}
