/**
 * Starts and stops the servers for people who develop: `cli.ts up|down|status [kind...]`.
 * Without kinds all of them are meant. A test run uses the servers that are up.
 */
import { pathToFileURL } from 'node:url'
import { engines } from './engines/index.ts'
import { type ServerKind, serverKinds } from './kinds.ts'
import { bringUp, takeDown, type UpServer, upServers } from './up.ts'

const usage = `usage: servers up|down|status [${serverKinds.join('|')} ...]`

/** Runs one command and returns the exit code. */
export async function main(words: readonly string[]): Promise<number> {
  const [command, ...names] = words
  const unknown = names.find((name) => !serverKinds.some((kind) => kind === name))
  const known = command === 'up' || command === 'down' || command === 'status'
  if (!known || unknown !== undefined) {
    console.error(unknown === undefined ? usage : `${unknown} is not a server\n${usage}`)
    return 2
  }
  const kinds = names.length === 0 ? serverKinds : (names as ServerKind[])
  if (command === 'up') return await up(kinds)
  if (command === 'down') return await down(kinds)
  return await status(kinds)
}

async function up(kinds: readonly ServerKind[]): Promise<number> {
  try {
    await bringUp(withUpstream(kinds))
    return await status(kinds)
  } catch (error) {
    console.error((error as Error).message)
    await status(kinds)
    return 1
  }
}

async function down(kinds: readonly ServerKind[]): Promise<number> {
  for (const server of await takeDown(kinds)) console.log(`${server.kind}: down`)
  return 0
}

/** Prints one line for each server; not all up is exit code 1. */
async function status(kinds: readonly ServerKind[]): Promise<number> {
  const servers = upServers()
  const lines = await Promise.all(kinds.map(async (kind) => await statusOf(kind, servers)))
  for (const { line } of lines) console.log(line)
  return lines.every(({ answers }) => answers) ? 0 : 1
}

async function statusOf(kind: ServerKind, servers: readonly UpServer[]): Promise<{ line: string; answers: boolean }> {
  const name = kind.padEnd(10)
  const server = servers.find((candidate) => candidate.kind === kind)
  if (server === undefined) return { line: `${name}down`, answers: false }
  try {
    const version = await engines[kind].ask(server.url)
    return { line: `${name}${version.padEnd(10)}${server.url}`, answers: true }
  } catch (error) {
    return { line: `${name}does not answer: ${(error as Error).message}`, answers: false }
  }
}

function withUpstream(kinds: readonly ServerKind[]): ServerKind[] {
  return [...new Set(kinds.flatMap((kind) => [engines[kind].behind ?? kind, kind]))]
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) process.exitCode = await main(process.argv.slice(2))
