import { copyFile, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openDatabase } from '@archon-db/core'
import { type Backend, type RunningBackend, straight } from '../harness/index.ts'
import { startFakeLibsqlServer } from './fakes/libsql/index.ts'
import { handleOn, makeTemplate, ON_DISK } from './sqlite-files.ts'
import { planner } from './sqlite-planner.ts'

/** libSQL's own client and engine; the server between them is a stand-in, as none can be had from a package registry. */
export const sqliteRemote: Backend = {
  name: 'sqlite-remote',
  label: 'libSQL server (mock)',
  // How processes wait for each other would be the stand-in's doing, and no index of vectors follows a server's tables.
  suites: [
    'schema',
    'filters',
    'crud',
    'order',
    'types',
    'json',
    'upsert',
    'bulk',
    'constraints',
    'injection',
    'limits',
    'transactions',
    'isolation',
    'concurrency',
    'lifecycle',
    'repositories',
    'fulltext',
    'vector',
    'hybrid',
    'regressions',
    'differential',
  ],
  async start() {
    const { connectSqlite } = await import('@archon-db/sqlite')
    const folder = await mkdtemp(join(tmpdir(), 'archon-db-conformance-'))
    const server = await startFakeLibsqlServer(TOKEN)
    const connect = (url: string) => connectSqlite({ url, authToken: TOKEN })
    const template = await makeTemplate(await connectSqlite({ url: join(folder, 'first.db') }), folder)
    const probe = await connect(server.urlOf(template))
    const { product, version } = await probe.capabilities()
    await probe.close()
    let made = 0
    return {
      // The stand-in lives in this process, so there is no server to stop or freeze.
      traits: { ...probe.dialect.traits, ...ON_DISK },
      version: { product, version },
      async fresh(name, { migrated: isMigrated = true, through = straight } = {}) {
        const path = join(folder, `${name}-${++made}.db`)
        if (isMigrated) await copyFile(template, path)
        const url = server.urlOf(path)
        const withToken = `${url}?authToken=${encodeURIComponent(TOKEN)}`
        return handleOn(withToken, path, async () => openDatabase(through(await connect(url))))
      },
      planner,
      async stop() {
        await server.stop()
        await rm(folder, { recursive: true, force: true })
      },
    } satisfies RunningBackend
  },
}

const TOKEN = 'a token'
