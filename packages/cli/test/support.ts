import { spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll } from 'vitest'

const BIN = fileURLToPath(new URL('../src/bin.ts', import.meta.url))
/** What a new database gets: `0001_initial` and so on, in order. */
export const MIGRATIONS: readonly string[] = readdirSync(new URL('../../sqlite/drizzle/', import.meta.url))
  .filter((name) => /^\d{4}_/.test(name))
  .sort()

const NODE_FLAGS = ['--conditions=archon-db-source', '--disable-warning=ExperimentalWarning']

export interface Outcome {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly out: string
  readonly err: string
}

export interface RunOptions {
  readonly cwd: string
  readonly env?: Readonly<Record<string, string>>
  readonly input?: string
  readonly preload?: string
}

/** Runs the command as people do: a process of its own, in a folder, with nothing else in its environment. */
export function archonDb(args: readonly string[], options: RunOptions): Promise<Outcome> {
  return finished(startArchonDb(args, options), options.input)
}

export type Child = ReturnType<typeof startArchonDb>

export function startArchonDb(args: readonly string[], { cwd, env = {}, preload }: RunOptions) {
  const flags = preload === undefined ? NODE_FLAGS : [...NODE_FLAGS, `--import=${preload}`]
  const child = spawn(process.execPath, [...flags, BIN, ...args], {
    cwd,
    env: { PATH: process.env.PATH, NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE, ...env },
  })
  child.stdout.setEncoding('utf8')
  child.stderr.setEncoding('utf8')
  return child
}

export function finished(child: Child, input = ''): Promise<Outcome> {
  let [out, err] = ['', '']
  child.stdout.on('data', (text: string) => {
    out += text
  })
  child.stderr.on('data', (text: string) => {
    err += text
  })
  // A command that needs no input may be gone before it is written.
  child.stdin.on('error', () => {})
  child.stdin.end(input)
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, signal) => resolve({ code, signal, out, err }))
  })
}

/** Folders that are gone when the file's tests are. */
export function folders(): () => string {
  const made: string[] = []
  afterAll(() => {
    for (const folder of made) rmSync(folder, { recursive: true, force: true })
  })
  return () => {
    const folder = mkdtempSync(join(tmpdir(), 'archon-db-cli-'))
    made.push(folder)
    return folder
  }
}

/** A folder with an initialised archon.db. */
export async function initialised(folder: string): Promise<string> {
  const { code, err } = await archonDb(['init'], { cwd: folder })
  if (code !== 0) throw new Error(`init failed: ${err}`)
  return folder
}
