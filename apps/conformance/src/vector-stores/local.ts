import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { StoreBackend, StoreTraits } from './backend.ts'

const TRAITS: StoreTraits = {
  shared: false,
  durable: true,
  maxMetadataBytes: null,
  visibleWithinMs: 0,
}

export const localMemory: StoreBackend = {
  name: 'local-memory',
  label: 'Local, in memory',
  async start() {
    const { openLocalStore } = await import('@archon-db/vector/local')
    return {
      traits: { ...TRAITS, durable: false },
      version: { product: 'archon-db local', version: 'in memory' },
      async fresh() {
        const store = await openLocalStore()
        const open = async () => Promise.reject(new Error("A second store needs: 'durable' or 'shared'."))
        return { store, open, drop: () => store.close() }
      },
      async stop() {},
    }
  },
}

export const localDisk: StoreBackend = {
  name: 'local',
  label: 'Local, on disk',
  async start() {
    const { openLocalStore } = await import('@archon-db/vector/local')
    const folder = await mkdtemp(join(tmpdir(), 'archon-db-vectors-'))
    let made = 0
    return {
      traits: TRAITS,
      version: { product: 'archon-db local', version: 'on disk' },
      async fresh() {
        const path = join(folder, String(++made))
        const open = () => openLocalStore({ path })
        const store = await open()
        const drop = async (): Promise<void> => {
          await store.close()
          await rm(path, { recursive: true, force: true })
        }
        return { store, open, drop }
      },
      stop: () => rm(folder, { recursive: true, force: true }),
    }
  },
}
