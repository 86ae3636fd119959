/** Writes changes until it is killed; says on its output which of them were acknowledged. */

import { writeSync } from 'node:fs'
import { openVectorIndex } from '../src/local/index.ts'
import { CRASH_DIMENSION, crashChange } from './crash-plan.ts'

const [path = '', seed = '0'] = process.argv.slice(2)
const index = await openVectorIndex({ dimension: CRASH_DIMENSION, metric: 'cosine', path, sync: false })
const next = index.mark === undefined ? 0 : Number(index.mark) + 1
writeSync(1, `open ${index.recovery.status}\n`)
for (let n = next; ; n++) {
  await index.apply(crashChange(Number(seed), n))
  writeSync(1, `done ${n}\n`)
  // Not awaited: the crash is to come in the middle of it, too.
  if (n % 97 === 0) void index.snapshot()
}
