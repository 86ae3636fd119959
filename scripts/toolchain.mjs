// Plain JavaScript for Node 20: this file runs before any newer Node, pnpm or dependency is there.
import { spawnSync } from 'node:child_process'

const NODE = '24'
const PNPM = '12'
const GUARD = 'ARCHON_DB_TOOLCHAIN'

/** On Windows npx and pnpm are command scripts, which only a shell can start. */
const shell = process.platform === 'win32'

/**
 * Makes sure that the rest runs on a Node that reads TypeScript, with the right pnpm on the PATH. Returns at once
 * where both are there; otherwise runs the same command again with both from npm and returns its exit code.
 */
export function ensureToolchain(script, args) {
  const missing = missingTools()
  if (missing.length === 0) return undefined
  if (process.env[GUARD]) {
    console.error(`Still missing after fetching Node ${NODE} and pnpm ${PNPM} with npx: ${missing.join(', ')}.`)
    return 1
  }
  console.log(`${missing.join(' and ')} from npm, by npx: kept in npm's cache, fetched the first time only.`)
  const packages = ['-p', `node@${NODE}`, '-p', `pnpm@${PNPM}`]
  const env = { [GUARD]: '1', npm_config_update_notifier: 'false' }
  return run('npx', ['-y', ...packages, 'node', quoted(script), ...args.map(quoted)], env)
}

/** Runs a program with this terminal and returns its exit code. */
export function run(command, args, extraEnv = {}) {
  const result = spawnSync(command, args, { stdio: 'inherit', shell, env: { ...process.env, ...extraEnv } })
  if (result.error) console.error(`Could not run ${command}: ${result.error.message}`)
  return result.status ?? 1
}

function missingTools() {
  const missing = []
  // `process.features.typescript` is what decides whether `node file.ts` works; version numbers only hint at it.
  if (!process.features.typescript) missing.push(`Node ${NODE}`)
  if (pnpmMajor() !== PNPM) missing.push(`pnpm ${PNPM}`)
  return missing
}

function pnpmMajor() {
  const result = spawnSync('pnpm', ['--version'], { encoding: 'utf8', shell })
  return result.status === 0 ? result.stdout.trim().split('.')[0] : undefined
}

function quoted(argument) {
  return shell && /\s/.test(argument) ? `"${argument}"` : argument
}
