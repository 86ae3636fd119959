import type { Place } from './file-rows.ts'
import { assembleKernel, LANES } from './program.ts'
import { dotScalar, l2Scalar } from './scalar.ts'
import { type Wasm, type WasmMemory, wasm } from './wasm.ts'

/** `dot`: the sum of products. `l2`: the sum of squared differences. */
export type ScanKind = 'dot' | 'l2'

/**
 * Rows of float32 one after the other in memory that grows, and the scan of one query against a run of them.
 * Rows and queries are `stride` floats long: the dimension, padded with zeros.
 */
export interface RowBlock {
  readonly bytes: number
  /** Makes room for this many rows, and for more within the spare bytes; earlier views are void afterwards. */
  reserve(rows: number, spare: number): void
  /** The row itself, not a copy. Void after `reserve`. */
  row(index: number): Float32Array
  scan(kind: ScanKind, query: Float32Array, from: number, count: number, scores: Float32Array, at: number): void
}

/** Any number of rows, wherever they are kept. */
export interface Rows {
  /** Floats of a row: the dimension, padded with zeros. */
  readonly stride: number
  readonly simd: boolean
  readonly bytes: number
  /** Not in memory of this process's own. */
  readonly mapped: number
  /** So many floats are scanned without a pause. */
  readonly sliceFloats: number
  /** What it takes to hold so many rows, without room for more. */
  bytesFor(rows: number): number
  /** `spare`: how many bytes may go into room for later rows. */
  reserve(rows: number, spare?: number): void
  /** Not a copy. Void after the next call of anything. */
  row(index: number): Float32Array
  /** `place`: where the vector stands, for rows that are kept in files. */
  put(index: number, vector: Float32Array, place?: Place): void
  /** The last row takes the place of another. */
  move(from: number, to: number): void
  /** Writes the scores of rows `from` … `from + count - 1` to the same places of `scores`. */
  scan(kind: ScanKind, query: Float32Array, from: number, count: number, scores: Float32Array): void
  clear(): void
}

export interface RowOptions {
  /** False takes the plain JavaScript kernel, as an engine without SIMD does. */
  readonly simd?: boolean
  /** The most one block of memory may take; further rows go to further blocks. */
  readonly blockBytes?: number
}

const DEFAULT_BLOCK_BYTES = 512 * 1024 * 1024

function strideOf(dimension: number): number {
  return Math.ceil(dimension / LANES) * LANES
}

/** Rows in memory, in as many blocks as they need. */
export class RowStore implements Rows {
  readonly stride: number
  readonly mapped = 0
  /** A few milliseconds of scanning. */
  readonly sliceFloats = 32_000_000
  readonly #rowsPerBlock: number
  readonly #blocks: RowBlock[] = []
  readonly #simd: boolean

  constructor(dimension: number, { simd = true, blockBytes = DEFAULT_BLOCK_BYTES }: RowOptions = {}) {
    this.stride = strideOf(dimension)
    this.#rowsPerBlock = Math.max(1, Math.floor(blockBytes / (this.stride * 4)))
    this.#simd = simd && kernel() !== null
  }

  get simd(): boolean {
    return this.#simd
  }

  get bytes(): number {
    return this.#blocks.reduce((sum, block) => sum + block.bytes, 0)
  }

  bytesFor(rows: number): number {
    const blocks = Math.ceil(rows / this.#rowsPerBlock)
    return Math.max(this.bytes, rows * this.stride * 4 + blocks * blockOverhead(this.stride))
  }

  reserve(rows: number, spare: number = Number.POSITIVE_INFINITY): void {
    for (let index = 0; index * this.#rowsPerBlock < rows; index++) {
      if (index === this.#blocks.length) this.#blocks.push(this.#newBlock())
      this.#blocks[index]?.reserve(Math.min(this.#rowsPerBlock, rows - index * this.#rowsPerBlock), spare)
    }
  }

  row(index: number): Float32Array {
    const block = this.#blocks[Math.floor(index / this.#rowsPerBlock)] as RowBlock
    return block.row(index % this.#rowsPerBlock)
  }

  put(index: number, vector: Float32Array): void {
    this.row(index).set(vector)
  }

  move(from: number, to: number): void {
    this.row(to).set(this.row(from))
  }

  scan(kind: ScanKind, query: Float32Array, from: number, count: number, scores: Float32Array): void {
    for (let at = from; at < from + count; ) {
      const offset = at % this.#rowsPerBlock
      const length = Math.min(this.#rowsPerBlock - offset, from + count - at)
      const block = this.#blocks[Math.floor(at / this.#rowsPerBlock)] as RowBlock
      block.scan(kind, query, offset, length, scores, at)
      at += length
    }
  }

  clear(): void {
    this.#blocks.length = 0
  }

  #newBlock(): RowBlock {
    const simd = this.#simd ? kernel() : null
    return simd ? new WasmBlock(simd, this.stride) : new ScalarBlock(this.stride)
  }
}

interface Kernel {
  instantiate(memory: WasmMemory): Record<ScanKind, Scan>
  newMemory(bytes: number): WasmMemory
}

type Scan = (query: number, rows: number, count: number, stride: number, scores: number) => void

let compiled: Kernel | null | undefined

/** Null where the engine has no SIMD. Compiled once, in a few milliseconds. */
function kernel(): Kernel | null {
  if (compiled === undefined) compiled = wasm ? compile(wasm) : null
  return compiled
}

function compile({ Module, Memory, Instance }: Wasm): Kernel | null {
  try {
    const module = new Module(assembleKernel())
    return {
      instantiate: (memory) => new Instance(module, { env: { memory } }).exports as Record<ScanKind, Scan>,
      newMemory: (bytes) => new Memory({ initial: Math.ceil(bytes / PAGE) }),
    }
  } catch {
    return null
  }
}

const PAGE = 65_536
/** Rows per call of the kernel: its scores stay in the first-level cache until they are copied out. */
const BATCH = 2048

/** Memory comes in whole pages. */
function blockOverhead(stride: number): number {
  return stride * 4 + BATCH * 4 + PAGE
}

/** Memory: the query, BATCH scores, then the rows. */
class WasmBlock implements RowBlock {
  readonly #stride: number
  readonly #memory: WasmMemory
  readonly #scans: Record<ScanKind, Scan>
  readonly #scoresAt: number
  readonly #rowsAt: number
  #floats: Float32Array

  constructor(kernel: Kernel, stride: number) {
    this.#stride = stride
    this.#scoresAt = stride * 4
    this.#rowsAt = this.#scoresAt + BATCH * 4
    this.#memory = kernel.newMemory(this.#rowsAt)
    this.#scans = kernel.instantiate(this.#memory)
    this.#floats = new Float32Array(this.#memory.buffer)
  }

  get bytes(): number {
    return this.#memory.buffer.byteLength
  }

  reserve(rows: number, spare: number): void {
    const missing = this.#rowsAt + rows * this.#stride * 4 - this.bytes
    if (missing <= 0) return
    const slack = rows > 1 ? Math.max(0, Math.min(this.bytes >> 3, spare)) : 0
    this.#memory.grow(Math.ceil((missing + slack) / PAGE))
    this.#floats = new Float32Array(this.#memory.buffer)
  }

  row(index: number): Float32Array {
    const start = this.#rowsAt / 4 + index * this.#stride
    return this.#floats.subarray(start, start + this.#stride)
  }

  scan(kind: ScanKind, query: Float32Array, from: number, count: number, scores: Float32Array, at: number): void {
    const stride = this.#stride * 4
    this.#floats.set(query, 0)
    for (let done = 0; done < count; done += BATCH) {
      const length = Math.min(BATCH, count - done)
      this.#scans[kind](0, this.#rowsAt + (from + done) * stride, length, stride, this.#scoresAt)
      const start = this.#scoresAt / 4
      scores.set(this.#floats.subarray(start, start + length), at + done)
    }
  }
}

class ScalarBlock implements RowBlock {
  readonly #stride: number
  #floats: Float32Array = new Float32Array(0)

  constructor(stride: number) {
    this.#stride = stride
  }

  get bytes(): number {
    return this.#floats.byteLength
  }

  reserve(rows: number, spare: number): void {
    const needed = rows * this.#stride
    if (needed <= this.#floats.length) return
    const larger = new Float32Array(Math.max(needed, Math.min(this.#floats.length * 2, needed + Math.floor(spare / 4))))
    larger.set(this.#floats)
    this.#floats = larger
  }

  row(index: number): Float32Array {
    return this.#floats.subarray(index * this.#stride, (index + 1) * this.#stride)
  }

  scan(kind: ScanKind, query: Float32Array, from: number, count: number, scores: Float32Array, at: number): void {
    const score = kind === 'dot' ? dotScalar : l2Scalar
    for (let i = 0; i < count; i++) {
      scores[at + i] = score(query, this.#floats, (from + i) * this.#stride, this.#stride)
    }
  }
}
