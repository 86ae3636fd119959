import type { FileHandle } from 'node:fs/promises'
import { crc32 } from 'node:zlib'

/**
 * A file of records: eight bytes that say what it is, then one frame after the other.
 *
 *     u32 length of the payload · u32 its CRC-32 · u32 CRC-32 of these eight bytes · payload
 *
 * The second checksum tells a frame that was cut short (a crash while it was written, never acknowledged) from one
 * whose length is no longer what was written.
 */
export const MAGIC: Buffer = Buffer.from('ARCHVEC1', 'latin1')
const HEADER_BYTES = 12
const READ_BYTES = 1 << 22

/** A file holds something else than was written to it. */
export class DamagedFile extends Error {}

export function encodeFrame(payload: readonly Uint8Array[]): Uint8Array[] {
  const header = Buffer.alloc(HEADER_BYTES)
  header.writeUInt32LE(
    payload.reduce((sum, part) => sum + part.byteLength, 0),
    0,
  )
  header.writeUInt32LE(
    payload.reduce((checksum, part) => crc32(part, checksum), 0),
    4,
  )
  header.writeUInt32LE(crc32(header.subarray(0, 8)), 8)
  return [header, ...payload]
}

/** Reads the frames of a file; afterwards `end` is where the last whole one ends. */
export class FrameReader {
  /** Up to here the file is whole. */
  end: number = MAGIC.byteLength
  /** Where the payload begins that was given last. */
  start = 0
  readonly #file: FileHandle
  readonly #size: number
  #buffer: Buffer = Buffer.alloc(0)
  #at = 0
  #read = 0

  constructor(file: FileHandle, size: number) {
    this.#file = file
    this.#size = size
  }

  /** Stops in front of a frame that was cut short; throws `DamagedFile` at one that was changed. */
  async *frames(): AsyncGenerator<Buffer> {
    const magic = await this.#take(MAGIC.byteLength)
    if (magic === null) {
      this.end = 0
      return
    }
    if (!magic.equals(MAGIC)) throw new DamagedFile('it is not an index file of this version')
    for (let payload = await this.#frame(); payload !== null; payload = await this.#frame()) {
      this.start = this.#place() - payload.byteLength
      yield payload
      this.end = this.#place()
    }
  }

  #place(): number {
    return this.#read - this.#buffer.byteLength + this.#at
  }

  async #frame(): Promise<Buffer | null> {
    const header = await this.#take(HEADER_BYTES)
    if (header === null) return null
    const [length, checksum, own] = [header.readUInt32LE(0), header.readUInt32LE(4), header.readUInt32LE(8)]
    if (crc32(header.subarray(0, 8)) !== own) {
      // Room that a file system set aside before a power failure reads as zeros.
      if (header.every((byte) => byte === 0) && (await this.#onlyZerosFollow())) return null
      throw new DamagedFile('the head of a record does not match its checksum')
    }
    const payload = await this.#take(length)
    if (payload !== null && crc32(payload) !== checksum) {
      throw new DamagedFile('a record does not match its checksum')
    }
    return payload
  }

  /** Null when fewer bytes are left. The buffer is valid until the next call. */
  async #take(length: number): Promise<Buffer | null> {
    const left = this.#size - this.#read + this.#buffer.byteLength - this.#at
    if (length > left) return null
    while (this.#buffer.byteLength - this.#at < length) await this.#fill(length)
    this.#at += length
    return this.#buffer.subarray(this.#at - length, this.#at)
  }

  async #fill(wanted: number): Promise<void> {
    const kept = this.#buffer.subarray(this.#at)
    const length = Math.min(Math.max(READ_BYTES, wanted - kept.byteLength), this.#size - this.#read)
    const larger = Buffer.allocUnsafe(kept.byteLength + length)
    kept.copy(larger)
    const { bytesRead } = await this.#file.read(larger, kept.byteLength, length, this.#read)
    if (bytesRead === 0) throw new DamagedFile('it became shorter while it was read')
    this.#buffer = larger.subarray(0, kept.byteLength + bytesRead)
    this.#at = 0
    this.#read += bytesRead
  }

  async #onlyZerosFollow(): Promise<boolean> {
    for (let left = this.#size - this.#read + this.#buffer.byteLength - this.#at; left > 0; ) {
      const part = (await this.#take(Math.min(left, READ_BYTES))) as Buffer
      if (part.some((byte) => byte !== 0)) return false
      left -= part.byteLength
    }
    return true
  }
}
