import { type Backend, BackendUnavailable } from '../harness/index.ts'
import { acquireServer, isRunning } from '../servers/index.ts'
import { startPostgres } from './pg.ts'

/** The same server behind a pooler in transaction mode: statements of one handle meet many connections. */
export const pgPooled: Backend = {
  name: 'pg-pooled',
  label: 'PostgreSQL behind a pooler',
  async start() {
    const pooler = await acquireServer('pgbouncer')
    if (!isRunning(pooler)) throw new BackendUnavailable(pooler.notRun)
    const { hostname, port } = new URL(pooler.url)
    return startPostgres({
      via(address) {
        const url = new URL(address)
        url.hostname = hostname
        url.port = port
        return url.href
      },
    })
  },
}
