/**
 * Writes changes until it is killed; says on its output which of them were acknowledged.
 * `crash-writer.ts index|store PATH SEED NEXT`
 */

import { writeSync } from 'node:fs'
import { openLocalStore, openVectorIndex } from '../src/local/index.ts'
import { CRASH_COLLECTION, CRASH_DIMENSION, crashChange, makeStoreChange, storeChange } from './crash-plan.ts'

const [kind = '', path = '', seed = '0', next = '0'] = process.argv.slice(2)
if (kind === 'index') await writeIndex()
else await writeStore()

async function writeIndex(): Promise<void> {
  const index = await openVectorIndex({ dimension: CRASH_DIMENSION, metric: 'cosine', path, sync: false })
  writeSync(1, `open ${index.recovery.status}\n`)
  for (let n = Number(next); ; n++) {
    await index.apply(crashChange(Number(seed), n))
    writeSync(1, `done ${n}\n`)
    // Not awaited: the crash is to come in the middle of it, too.
    if (n % 13 === 0) void index.snapshot()
  }
}

async function writeStore(): Promise<void> {
  let store = await openLocalStore({ path, sync: false })
  await store.createCollection(CRASH_COLLECTION)
  writeSync(1, 'open restored\n')
  for (let n = Number(next); ; n++) {
    await makeStoreChange(store, storeChange(Number(seed), n))
    writeSync(1, `done ${n}\n`)
    if (n % 13 !== 0) continue
    // Takes a snapshot.
    await store.close()
    store = await openLocalStore({ path, sync: false })
  }
}
