import { randomFillSync } from 'node:crypto'

const pool = new Uint8Array(1024)
let used = pool.length
let lastTime = 0
let counter = 0

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

/** A version 7 UUID: ordered by time, and within one process strictly increasing even inside a millisecond. */
export function uuidv7(now: number = Date.now()): string {
  if (now > lastTime) {
    lastTime = now
    counter = (randomByte() << 3) | (randomByte() & 7)
  } else if (++counter > 0xfff) {
    // The 12 bits behind the time are used up: borrow the next millisecond.
    lastTime++
    counter = 0
  }
  const time = lastTime.toString(16).padStart(12, '0')
  const sequence = (0x7000 | counter).toString(16)
  let tail = HEX[(randomByte() & 0x3f) | 0x80] as string
  for (let i = 0; i < 7; i++) tail += HEX[randomByte()] as string
  return `${time.slice(0, 8)}-${time.slice(8)}-${sequence}-${tail.slice(0, 4)}-${tail.slice(4)}`
}

function randomByte(): number {
  if (used === pool.length) {
    randomFillSync(pool)
    used = 0
  }
  return pool[used++] as number
}
