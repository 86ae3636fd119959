/** The thread that owns a graph. All calls of the native library are synchronous, so they are made here. */

import { closeSync, fsyncSync, openSync, readSync, statSync } from 'node:fs'
import { setImmediate } from 'node:timers/promises'
import { parentPort } from 'node:worker_threads'
import { crc32 } from 'node:zlib'
import { Index, type MetricKind, type ScalarKind } from 'usearch'
import type { HnswOptions, HnswReply, HnswRequest, SavedGraph } from './hnsw-protocol.ts'

const METRICS = { cosine: 'cos', dot: 'ip', l2: 'l2sq' } as const

/** Vectors per call: the library is done with so many before a waiting search is looked at. */
const ADD_CHUNK = 16
const CHECKSUM_CHUNK = 1 << 20

let graph: Index
let options: HnswOptions
const queue: Exclude<HnswRequest, { type: 'start' | 'search' }>[] = []
let working = false

function reply(message: HnswReply): void {
  parentPort?.postMessage(message)
}

parentPort?.on('message', (request: HnswRequest) => {
  if (request.type === 'start') start(request.options, request.load)
  else if (request.type === 'search') search(request)
  else {
    queue.push(request)
    if (!working) void work()
  }
})

function start(wanted: HnswOptions, load?: SavedGraph): void {
  options = wanted
  guarded(undefined, () => {
    graph = new Index({
      dimensions: options.dimension,
      metric: METRICS[options.metric] as MetricKind,
      quantization: options.quantization as ScalarKind,
      connectivity: 16,
      expansion_add: 128,
      expansion_search: 64,
      multi: false,
    })
    if (load) {
      const { bytes, checksum } = checksumOf(load.path)
      if (bytes !== load.bytes || checksum !== load.checksum) throw new Error('the saved graph is damaged')
      if (load.view) graph.view(load.path)
      else graph.load(load.path)
    }
    reply({ type: 'started', size: Number(graph.size()) })
  })
}

/** Searches do not queue behind writes: they are answered between two chunks. */
function search({ id, query, count }: Extract<HnswRequest, { type: 'search' }>): void {
  guarded(id, () => {
    const matches = graph.search(query, count, 1)
    const labels = Uint32Array.from(matches.keys, Number)
    reply({ type: 'found', id, labels })
  })
}

async function work(): Promise<void> {
  working = true
  for (let request = queue.shift(); request !== undefined; request = queue.shift()) {
    if (request.type === 'add') await add(request.labels, request.vectors)
    else if (request.type === 'remove') remove(request.labels)
    else save(request.id, request.path)
  }
  working = false
}

async function add(labels: Uint32Array, vectors: Float32Array): Promise<void> {
  const { dimension, threads } = options
  const chunk = ADD_CHUNK * threads
  for (let from = 0; from < labels.length; from += chunk) {
    const part = BigUint64Array.from(labels.subarray(from, from + chunk), BigInt)
    const failed = guarded(undefined, () =>
      graph.add(part, vectors.subarray(from * dimension, (from + part.length) * dimension), threads),
    )
    if (failed) return
    await setImmediate()
  }
  reply({ type: 'added' })
}

function remove(labels: Uint32Array): void {
  guarded(undefined, () => graph.remove(BigUint64Array.from(labels, BigInt)))
}

function save(id: number, path: string): void {
  guarded(id, () => {
    graph.save(path)
    const file = openSync(path, 'r+')
    fsyncSync(file)
    closeSync(file)
    reply({ type: 'saved', id, ...checksumOf(path) })
  })
}

function checksumOf(path: string): { bytes: number; checksum: number } {
  const file = openSync(path, 'r')
  try {
    const buffer = new Uint8Array(CHECKSUM_CHUNK)
    let checksum = 0
    for (let read = readSync(file, buffer); read > 0; read = readSync(file, buffer)) {
      checksum = crc32(buffer.subarray(0, read), checksum)
    }
    return { bytes: statSync(path).size, checksum }
  } finally {
    closeSync(file)
  }
}

/** True when the call failed; the owner is told. */
function guarded(id: number | undefined, run: () => void): boolean {
  try {
    run()
    return false
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    reply(id === undefined ? { type: 'failed', message } : { type: 'failed', id, message })
    return true
  }
}
