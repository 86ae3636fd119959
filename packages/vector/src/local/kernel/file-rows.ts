import { readSync } from 'node:fs'
import { RowStore, type Rows, type ScanKind } from './rows.ts'

/** Where a vector stands: the number of a file, and a byte of it. */
export interface Place {
  readonly file: number
  readonly at: number
}

/** Rows scanned at once: what is read for them fits the caches. */
const SCAN_BYTES = 1 << 20
/** In a place: the file's number above, the byte below. */
const FILE_STEP = 2 ** 44

/**
 * Rows that stay in their files and are read as they are needed. What was read lately the operating system keeps, as
 * long as it has nothing better to do with the memory.
 */
export class FileRows implements Rows {
  readonly stride: number
  readonly simd: boolean
  readonly sliceFloats = 4_000_000
  readonly #files: readonly number[]
  readonly #dimension: number
  readonly #part: RowStore
  readonly #partRows: number
  readonly #buffer: Uint8Array
  readonly #row: Float32Array
  #places = new Float64Array(0)
  #count = 0

  /** `files` are descriptors; more may be appended while rows are put. */
  constructor(dimension: number, files: readonly number[], options: { readonly simd?: boolean } = {}) {
    this.#files = files
    this.#dimension = dimension
    this.#part = new RowStore(dimension, options)
    this.stride = this.#part.stride
    this.simd = this.#part.simd
    this.#partRows = Math.max(1, Math.floor(SCAN_BYTES / (this.stride * 4)))
    this.#part.reserve(this.#partRows, 0)
    this.#buffer = new Uint8Array(this.#partRows * dimension * 4)
    this.#row = new Float32Array(this.stride)
  }

  /** What it takes to find and read the rows. */
  get bytes(): number {
    return this.#places.byteLength + this.#part.bytes + this.#buffer.byteLength
  }

  get mapped(): number {
    return this.#count * this.#dimension * 4
  }

  bytesFor(rows: number): number {
    return this.bytes - this.#places.byteLength + Math.max(this.#places.length, grownTo(rows)) * 8
  }

  reserve(rows: number): void {
    if (rows <= this.#places.length) return
    const larger = new Float64Array(grownTo(rows))
    larger.set(this.#places)
    this.#places = larger
  }

  row(index: number): Float32Array {
    this.#read(index, 1)
    this.#copy(0, this.#row)
    return this.#row
  }

  put(index: number, _vector: Float32Array, place?: Place): void {
    if (!place) throw new Error('Rows in files are put there by who writes the files.')
    this.#places[index] = place.file * FILE_STEP + place.at
    this.#count = Math.max(this.#count, index + 1)
  }

  move(from: number, to: number): void {
    this.#places[to] = this.#places[from]!
    this.#count = Math.min(this.#count, from)
  }

  scan(kind: ScanKind, query: Float32Array, from: number, count: number, scores: Float32Array): void {
    const part = new Float32Array(this.#partRows)
    for (let done = 0; done < count; ) {
      const length = this.#readRun(from + done, Math.min(this.#partRows, count - done))
      for (let i = 0; i < length; i++) this.#copy(i, this.#part.row(i))
      this.#part.scan(kind, query, 0, length, part)
      scores.set(part.subarray(0, length), from + done)
      done += length
    }
  }

  clear(): void {
    this.#places = new Float64Array(0)
    this.#count = 0
  }

  /** Reads rows that stand one after the other in a file; returns how many they are. */
  #readRun(from: number, most: number): number {
    const bytes = this.#dimension * 4
    const first = this.#places[from]!
    let length = 1
    while (length < most && this.#places[from + length] === first + length * bytes) length++
    this.#read(from, length)
    return length
  }

  #read(index: number, rows: number): void {
    const place = this.#places[index]!
    const file = this.#files[Math.floor(place / FILE_STEP)] as number
    const wanted = rows * this.#dimension * 4
    for (let done = 0; done < wanted; ) {
      const read = readSync(file, this.#buffer, done, wanted - done, (place % FILE_STEP) + done)
      if (read === 0) throw new Error('a file of the index became shorter while it was open')
      done += read
    }
  }

  /** Of the rows that were read. What lies beyond the dimension is zero and stays so. */
  #copy(index: number, target: Float32Array): void {
    const bytes = this.#dimension * 4
    target.set(new Float32Array(this.#buffer.buffer, index * bytes, this.#dimension))
  }
}

function grownTo(rows: number): number {
  return Math.max(16, rows + (rows >> 1))
}
