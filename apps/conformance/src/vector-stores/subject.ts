import type { VectorStore } from '@archon-db/core'
import type { Entered } from '../harness/attempt.ts'
import type { ContextBasics } from '../harness/behaviour.ts'
import type { Runner } from '../harness/conformance.ts'
import { runSubject } from '../harness/run.ts'
import type { RunningSubject, Subject } from '../harness/subject.ts'
import {
  type RunningStores,
  STORE_ABSENCE,
  type StoreBackend,
  type StoreContext,
  type StoreHandle,
  type StoreSuite,
  type StoreTraitName,
} from './backend.ts'

export function storeRunner(backend: StoreBackend, suites: readonly StoreSuite[]): Runner {
  const names = suites.map(({ name }) => name)
  return { name: backend.name, suites: names, run: (options) => runSubject(storeSubject(backend), suites, options) }
}

/** A vector store as something suites run on: every behaviour has one without collections. */
function storeSubject(backend: StoreBackend): Subject<StoreContext> {
  const { name, label } = backend
  return { name, label, start: async () => new StoreSubject(await backend.start()) }
}

class StoreSubject implements RunningSubject<StoreContext> {
  readonly #running: RunningStores
  #handle: StoreHandle | undefined

  constructor(running: RunningStores) {
    this.#running = running
  }

  get version(): RunningStores['version'] {
    return this.#running.version
  }

  lacks(needs: readonly string[]): string | undefined {
    const missing = (needs as readonly StoreTraitName[]).find((trait) => !this.#running.traits[trait])
    return missing && `${STORE_ABSENCE[missing]} (${missing})`
  }

  async stage(): Promise<(basics: ContextBasics) => Entered<StoreContext>> {
    const handle = await this.#emptyStore()
    return (basics) => this.#enter(handle, basics)
  }

  #enter(handle: StoreHandle, basics: ContextBasics): Entered<StoreContext> {
    const opened: VectorStore[] = []
    const context: StoreContext = {
      ...basics,
      store: handle.store,
      traits: this.#running.traits,
      async open() {
        const store = await handle.open()
        opened.push(store)
        return store
      },
    }
    return { context, leave: async () => void (await Promise.all(opened.map((store) => store.close()))) }
  }

  async #emptyStore(): Promise<StoreHandle> {
    if (this.#handle) {
      const { store } = this.#handle
      try {
        for (const name of await store.listCollections()) await store.dropCollection(name)
        return this.#handle
      } catch {
        // Closed or broken by the behaviour before: the next one gets a new store.
        await this.discard()
      }
    }
    this.#handle = await this.#running.fresh()
    return this.#handle
  }

  async discard(): Promise<void> {
    const handle = this.#handle
    this.#handle = undefined
    if (!handle) return
    const limit = new Promise<void>((resolve) => setTimeout(resolve, 5_000).unref())
    await Promise.race([handle.drop().catch(() => {}), limit])
  }

  async stop(): Promise<void> {
    await this.discard()
    await this.#running.stop()
  }
}
