/**
 * A process that migrates the database at a URL. It says `ready`, waits for an order on standard input and goes to work.
 * With `dieAt` it ends at that moment; moments lie before and after every statement, and after every batch.
 */
import { writeSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { connect } from 'archon-db'
import { after } from './fixtures.ts'

export interface Order {
  /** Counted from 1; 0 for never. */
  readonly dieAt: number
  /** Says so instead, and works on until somebody kills it. */
  readonly beKilled: boolean
}

const [url = ''] = process.argv.slice(2)
const db = await connect({ url })
say('ready')
const order = await new Promise<Order>((resolve) => {
  createInterface({ input: process.stdin }).once('line', (line) => resolve(JSON.parse(line)))
})
let moments = 0
db.onQuery(moment)
const migrations = db.migrations.over(after(await db.migrations.list()))
const { applied } = await migrations.migrate({ onProgress: moment })
say(`applied ${applied.length}`)
await db.close()
process.exit(0)

function moment(): void {
  if (++moments !== order.dieAt) return
  if (order.beKilled) say('now')
  else process.kill(process.pid, 'SIGKILL')
}

/** At once: what waits in a buffer is lost with the process. */
function say(text: string): void {
  writeSync(1, `${text}\n`)
}
