import { connect } from 'archon-db'
import type { Backend, DatabaseHandle } from '../harness/index.ts'
import { acquireChroma, chromaVersion } from '../vector-stores/chroma-server.ts'

/** Where embeddings are written and searched. */
const SUITES = ['repositories', 'fulltext', 'vector', 'hybrid']

/** A database whose embeddings are searched in Chroma, opened as people open it. */
export function withChroma(backend: Backend, name: string, label: string): Backend {
  return {
    name,
    label,
    suites: SUITES,
    async start() {
      const [running, server] = await Promise.all([backend.start(), acquireChroma()])
      const { product, version } = running.version
      const env = { VECTOR_DATABASE: 'chroma', CHROMA_URL: server.url }
      return {
        traits: { ...running.traits, breakable: false },
        version: { product: `${product} + Chroma`, version: `${version} + ${await chromaVersion(server.url)}` },
        fresh: async (suite, options) => handleOn(await running.fresh(suite, options), env),
        async stop() {
          await running.stop()
          await server.stop()
        },
      }
    },
  }
}

/** Rows are wiped by a handle that knows nothing of the store: what it deletes must reach the store all the same. */
async function handleOn(plain: DatabaseHandle, env: Readonly<Record<string, string>>): Promise<DatabaseHandle> {
  const open = () => connect({ url: plain.url }, env)
  const db = await open()
  return {
    db,
    url: plain.url,
    open,
    wipe: () => plain.wipe(),
    async drop() {
      await db.close()
      await plain.drop()
    },
  }
}
