import { statfs } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import type { Database } from '@archon-db/core'
import { type Config, redactUrl } from '@archon-db/core/connection'
import type { Context } from '../command.ts'
import type { Result } from './examine.ts'

const OLDEST_NODE = [22, 12] as const

export function runtime(): Result {
  if (process.versions.bun) return { verdict: 'ok', detail: `Bun ${process.versions.bun}` }
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  const [wanted, from] = OLDEST_NODE
  const old = major < wanted || (major === wanted && minor < from)
  const detail = `Node ${process.versions.node}`
  return old
    ? { verdict: 'failed', detail, advice: `Use Node ${OLDEST_NODE.join('.')} or newer.` }
    : { verdict: 'ok', detail }
}

export function configuration(context: Context): { readonly result: Result; readonly config?: Config } {
  try {
    const config = context.config()
    const { warnings, kind, url, path } = config
    const detail = `${kind}, ${path ?? redactUrl(url)}`
    const result: Result =
      warnings.length > 0 ? { verdict: 'warning', detail: [detail, ...warnings].join('\n') } : { verdict: 'ok', detail }
    return { result, config }
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error)
    return {
      result: { verdict: 'failed', detail, advice: 'Mend the configuration; nothing else can be looked at before.' },
    }
  }
}

export async function connection(context: Context): Promise<{ readonly result: Result; readonly database?: Database }> {
  try {
    const database = await context.open()
    const { status, latencyMs, server, pool, error } = await database.health()
    const detail = `${server.product} ${server.version}, answers in ${latencyMs.toFixed(1)} ms, ${pool.open} of ${pool.size} connections open`
    if (status === 'up') return { result: { verdict: 'ok', detail }, database }
    return { result: { verdict: 'failed', detail: error?.message ?? 'The server does not answer.' } }
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error)
    return {
      result: { verdict: 'failed', detail, advice: 'Mend the connection; the database itself was not looked at.' },
    }
  }
}

const MEGABYTE = 1024 * 1024
const TOO_LITTLE = 50 * MEGABYTE
const LITTLE = 1024 * MEGABYTE

/** Of the disk that an embedded database lives on; a server's own disk cannot be seen from here. */
export async function diskSpace({ path, server }: Config): Promise<Result> {
  if (path === null) {
    return { verdict: 'skipped', detail: server ? 'The disk of a server cannot be seen from here.' : 'In memory.' }
  }
  const folder = await existing(resolve(path))
  const { bavail, bsize } = await statfs(folder)
  const free = bavail * bsize
  const detail = `${free >= 10 * LITTLE ? `${(free / LITTLE).toFixed(0)} GB` : `${(free / MEGABYTE).toFixed(0)} MB`} free`
  if (free >= LITTLE) return { verdict: 'ok', detail }
  const advice = 'Make room: a full disk stops every write.'
  return { verdict: free < TOO_LITTLE ? 'failed' : 'warning', detail, advice }
}

/** The nearest folder that is there; the database itself may not be yet. */
async function existing(path: string): Promise<string> {
  const parent = dirname(path)
  const there = await statfs(path).then(
    () => true,
    () => false,
  )
  return there || parent === path ? path : existing(parent)
}
