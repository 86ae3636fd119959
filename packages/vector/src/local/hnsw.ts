import { Worker } from 'node:worker_threads'
import type { HnswOptions, HnswReply, HnswRequest, SavedGraph } from './hnsw-protocol.ts'

interface Waiting {
  resolve(reply: HnswReply): void
  reject(error: Error): void
}

/**
 * An approximate graph (usearch's HNSW) in a thread of its own, so that building it never holds up the event loop.
 * It knows labels alone; which of them are alive, and what their vectors really are, its owner knows.
 */
export class HnswGraph {
  /** Called after each `add`, in order. */
  onAdded: () => void = () => {}
  /** Called once, when the thread is of no more use. */
  onFailure: (error: Error) => void = () => {}
  /** Rejects when usearch is missing, has no build for this platform, or cannot read the saved graph. */
  readonly started: Promise<void>
  readonly #worker: Worker
  readonly #waiting = new Map<number, Waiting>()
  #failure: Error | undefined
  #holds = 0
  #nextId = 1

  /** Searches and writes may follow at once; they wait in the thread until it has started. */
  constructor(options: HnswOptions, load?: SavedGraph) {
    const worker = new Worker(workerUrl())
    this.#worker = worker
    worker.unref()
    worker.on('message', (reply: HnswReply) => this.#receive(reply))
    worker.on('error', (error) => this.#fail(error as Error))
    worker.on('exit', () => this.#fail(new Error('the index thread ended')))
    this.started = this.#ask(START, load ? { type: 'start', options, load } : { type: 'start', options }).then(() => {})
    // Whoever cares awaits it; onFailure tells the others.
    this.started.catch(() => {})
  }

  /** Hands the arrays over: they are empty afterwards. */
  add(labels: Uint32Array<ArrayBuffer>, vectors: Float32Array<ArrayBuffer>): void {
    this.#post({ type: 'add', labels, vectors }, [labels.buffer, vectors.buffer])
  }

  remove(labels: Uint32Array): void {
    this.#post({ type: 'remove', labels })
  }

  /** Labels of about the nearest, nearest first; removed ones may be among them. */
  async search(query: Float32Array, count: number): Promise<Uint32Array> {
    const id = this.#nextId++
    const reply = await this.#ask(id, { type: 'search', id, query, count })
    return reply.type === 'found' ? reply.labels : new Uint32Array(0)
  }

  /** Written after everything that was added before. */
  async save(path: string): Promise<SavedGraph> {
    const id = this.#nextId++
    const reply = await this.#ask(id, { type: 'save', id, path })
    if (reply.type !== 'saved') throw new Error('the index thread did not save the graph')
    return { path, bytes: reply.bytes, checksum: reply.checksum }
  }

  async close(): Promise<void> {
    this.#fail(new Error('the index was closed'))
    await this.hold(this.#worker.terminate())
  }

  /** A thread that is waited for keeps the process alive; an idle one does not. */
  async hold<Result>(wait: Promise<Result>): Promise<Result> {
    if (this.#holds++ === 0) this.#worker.ref()
    try {
      return await wait
    } finally {
      if (--this.#holds === 0) this.#worker.unref()
    }
  }

  #ask(id: number, request: HnswRequest): Promise<HnswReply> {
    const reply = new Promise<HnswReply>((resolve, reject) => {
      if (this.#failure) return reject(this.#failure)
      this.#waiting.set(id, { resolve, reject })
      this.#worker.postMessage(request)
    })
    return this.hold(reply)
  }

  #post(request: HnswRequest, transfer: readonly ArrayBuffer[] = []): void {
    if (!this.#failure) this.#worker.postMessage(request, transfer)
  }

  #receive(reply: HnswReply): void {
    if (reply.type === 'added') {
      this.onAdded()
      return
    }
    const id = reply.type === 'started' ? START : reply.id
    const waiting = id === undefined ? undefined : this.#take(id)
    if (reply.type !== 'failed') waiting?.resolve(reply)
    else if (waiting) waiting.reject(new Error(reply.message))
    else this.#fail(new Error(reply.message))
  }

  #take(id: number): Waiting | undefined {
    const waiting = this.#waiting.get(id)
    this.#waiting.delete(id)
    return waiting
  }

  #fail(error: Error): void {
    if (this.#failure) return
    this.#failure = error
    for (const { reject } of this.#waiting.values()) reject(error)
    this.#waiting.clear()
    this.onFailure(error)
  }
}

/** The request that starts the thread has no number of its own. */
const START = 0

function workerUrl(): URL {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
  return new URL(`./hnsw-worker.${extension}`, import.meta.url)
}
