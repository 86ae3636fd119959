import { setImmediate as pause } from 'node:timers/promises'
import { CandidateSearch } from './candidates.ts'
import type { FlatIndex, PreparedSearch } from './flat.ts'
import { GraphFeed } from './graph-feed.ts'
import { HnswGraph } from './hnsw.ts'
import type { HnswOptions, SavedGraph } from './hnsw-protocol.ts'
import { Labels } from './labels.ts'
import { REQUIRED_RECALL, RecallMeter, recallOf } from './recall.ts'
import type { IndexHit } from './top-k.ts'
import { FETCH_STEPS, MAX_FETCH, runTrial } from './trial.ts'

/**
 * - `idle`: no graph; small, or never searched
 * - `building`: the graph is being filled; answers come from the scan
 * - `serving`: the graph answers
 * - `refused`: measured, and found to miss too much or to gain nothing; the scan answers
 * - `unavailable`: usearch is missing or has failed
 */
export type ApproximateState = 'idle' | 'building' | 'serving' | 'refused' | 'unavailable'

/** After a trial this many searches are checked in full, then one of some, and at last one of many. */
const CHECKED_AT_FIRST = 64
const CHECKED_OFTEN = 1024
const CHECK_EVERY = 64
const CHECK_OFTEN_EVERY = 16
/** What the graph keeps of a row beside its vector, measured: 16 neighbours, twice as many at the bottom. */
const LINK_BYTES = 160

export interface ApproximateRules {
  /** The graph stays in charge whatever its recall. */
  readonly force: boolean
  /** The graph must be quicker than a scan. */
  readonly judgeSpeed: boolean
  /** A saved graph is read from its file and neither changed nor checked again; none is built. */
  readonly readOnly: boolean
}

/** What a saved graph needs to be taken up again. */
export interface GraphRecord extends SavedGraph {
  readonly next: number
  readonly step: number
  readonly maxFetch: number
  readonly recall: number
}

/**
 * The approximate engine. It proposes candidates; the rows kept in float32 score them, so that its answers differ
 * from exact ones by omission alone, and by how much is measured, first in a trial and then on searches as they come.
 */
export class ApproximateIndex {
  readonly #flat: FlatIndex
  readonly #options: HnswOptions
  readonly #rules: ApproximateRules
  readonly #labels: Labels
  readonly #meter = new RecallMeter(2 * CHECKED_AT_FIRST)
  #state: ApproximateState = 'idle'
  #failure: Error | undefined
  #graph: HnswGraph | undefined
  #feed: GraphFeed | undefined
  #building: Promise<void> | undefined
  #step = 0
  #searches = 0
  #epoch = 0
  #refusedAt = 0
  #maxFetch: number = MAX_FETCH
  #closed = false

  constructor(flat: FlatIndex, options: HnswOptions, rules: ApproximateRules) {
    this.#flat = flat
    this.#options = options
    this.#rules = rules
    this.#labels = new Labels(flat)
  }

  /** Changes whenever the rows' labels come to mean something else. */
  get epoch(): number {
    return this.#epoch
  }

  get state(): ApproximateState {
    return this.#state
  }

  get failure(): Error | undefined {
    return this.#failure
  }

  /** Measured recall; undefined before there was anything to measure. */
  get recall(): number | undefined {
    return this.#meter.mean
  }

  get candidates(): number {
    return FETCH_STEPS[this.#step] as number
  }

  /** The share of the rows that the graph has. */
  get progress(): number {
    return this.#feed ? Math.min(1, this.#feed.reached / Math.max(1, this.#labels.next)) : 0
  }

  /** About what the graph takes; the library does not tell. */
  get bytes(): number {
    return this.#feed && !this.#rules.readOnly ? this.bytesFor(this.#labels.next) : 0
  }

  /** In its file. */
  get mapped(): number {
    return this.#feed && this.#rules.readOnly ? this.bytesFor(this.#feed.reached) : 0
  }

  bytesFor(rows: number): number {
    const width = { f32: 4, f16: 2, i8: 1 }[this.#options.quantization]
    return rows * (this.#flat.dimension * width + LINK_BYTES)
  }

  enlist(slot: number): void {
    if (!this.#feed) return
    this.#labels.enlist(slot)
    this.#feed.schedule()
  }

  retire(slot: number): void {
    if (this.#feed) this.#feed.retired(this.#labels.retire(slot))
  }

  /** Starts the graph unless it runs, or was refused at about this size. */
  build(): Promise<void> {
    if (this.#state === 'refused' && this.#flat.size >= 2 * this.#refusedAt) this.#state = 'idle'
    const wanted = this.#state === 'idle' && !this.#closed && !this.#rules.readOnly
    if (wanted) this.#building = this.#start()
    return this.#building ?? Promise.resolve()
  }

  /** Null when only a scan can tell. */
  async search(prepared: PreparedSearch): Promise<IndexHit[] | null> {
    if (this.#state !== 'serving') return null
    const found = await this.#find(prepared, this.#step)
    if (found === null || this.#rules.force || this.#rules.readOnly) return found
    if (!isChecked(this.#searches++)) return found
    const exact = await this.#flat.scanInSlices(prepared, pause)
    this.#judge(recallOf(found, exact))
    return exact
  }

  /** Null unless there is a graph worth keeping. */
  async save(path: string): Promise<GraphRecord | null> {
    if (this.#state !== 'serving' || !this.#graph || !this.#feed?.level) return null
    const next = this.#labels.next
    const saved = await this.#graph.save(path)
    return { ...saved, next, step: this.#step, maxFetch: this.#maxFetch, recall: this.#meter.mean ?? 1 }
  }

  /** Takes up a saved graph whose labels the rows carry; until it is loaded, and if it cannot be, the scan answers. */
  restore(record: GraphRecord): void {
    this.#labels.adopt(record.next)
    const graph = new HnswGraph(this.#options, { ...record, view: this.#rules.readOnly })
    const feed = this.#attach(graph, record.next)
    feed.onFailure = () => void this.#drop('idle')
    this.#step = record.step
    this.#maxFetch = record.maxFetch
    this.#meter.add(record.recall)
    this.#state = 'building'
    this.#building = graph.started.then(
      () => this.#serve(feed),
      () => this.build(),
    )
  }

  /** Forgets the graph, because the rows are about to be cleared. */
  reset(): void {
    if (this.#state !== 'unavailable') void this.#drop('idle')
  }

  async close(): Promise<void> {
    this.#closed = true
    await this.#drop('idle')
  }

  async #start(): Promise<void> {
    this.#state = 'building'
    this.#labels.renumber()
    const feed = this.#attach(new HnswGraph(this.#options), 0)
    try {
      await feed.caughtUp()
      await this.#try(feed)
    } catch {
      // The feed has told `#fail`.
    }
  }

  #attach(graph: HnswGraph, reached: number): GraphFeed {
    const feed = new GraphFeed(this.#flat, this.#labels, graph, reached, this.#rules.readOnly)
    feed.onFailure = (error) => void this.#fail(error)
    feed.onLevel = () => this.#tidy()
    this.#epoch++
    this.#graph = graph
    this.#feed = feed
    return feed
  }

  async #try(feed: GraphFeed): Promise<void> {
    if (!this.#rules.force) {
      const result = await runTrial(this.#flat, (prepared, step) => this.#find(prepared, step), this.#rules.judgeSpeed)
      if (feed !== this.#feed) return
      if (result === null) return await this.#refuse()
      this.#step = result.step
      this.#maxFetch = result.maxFetch
      this.#meter.add(result.recall)
    }
    this.#serve(feed)
  }

  #serve(feed: GraphFeed): void {
    if (feed !== this.#feed) return
    feed.onFailure = (error) => void this.#fail(error)
    this.#searches = 0
    this.#state = 'serving'
  }

  async #find(prepared: PreparedSearch, step: number): Promise<IndexHit[] | null> {
    const [graph, feed] = [this.#graph, this.#feed]
    if (!graph || !feed) return null
    const search = new CandidateSearch(this.#flat, this.#labels, prepared)
    const count = search.candidatesFor(step, this.#maxFetch)
    if (count === null) return null
    const reached = feed.reached
    const labels = await graph.search(this.#graphQuery(prepared), count).catch(() => null)
    // Another graph by now: its labels mean other rows.
    if (labels === null || feed !== this.#feed) return null
    return search.select(labels, reached)
  }

  /** The direction alone for cosine, as the rows were handed over. */
  #graphQuery({ ranking, vector }: PreparedSearch): Float32Array {
    return this.#flat.metric === 'cosine' ? ranking.query.slice(0, this.#flat.dimension) : vector
  }

  #judge(recall: number): void {
    this.#meter.add(recall)
    if (this.#state !== 'serving' || this.#meter.count < CHECKED_AT_FIRST) return
    if ((this.#meter.mean as number) >= REQUIRED_RECALL) return
    const next = FETCH_STEPS[this.#step + 1]
    if (next === undefined || next > this.#maxFetch) return void this.#refuse()
    this.#step++
    this.#searches = 0
    this.#meter.clear()
  }

  async #refuse(): Promise<void> {
    this.#refusedAt = this.#flat.size
    await this.#drop('refused')
  }

  async #fail(error: Error): Promise<void> {
    this.#failure = error
    await this.#drop('unavailable')
  }

  /** A graph that is mostly dead rows is built anew. */
  #tidy(): void {
    if (this.#state !== 'serving' || this.#labels.dead < this.#flat.size + 10_000) return
    this.#building = this.#drop('idle').then(() => this.build())
  }

  async #drop(state: ApproximateState): Promise<void> {
    const graph = this.#graph
    if (this.#feed) this.#feed.onFailure = () => {}
    this.#state = state
    this.#epoch++
    this.#graph = undefined
    this.#feed = undefined
    this.#building = undefined
    this.#maxFetch = MAX_FETCH
    this.#meter.clear()
    await graph?.close()
  }
}

function isChecked(search: number): boolean {
  if (search < CHECKED_AT_FIRST) return true
  return search % (search < CHECKED_OFTEN ? CHECK_OFTEN_EVERY : CHECK_EVERY) === 0
}
