import { spawn } from 'node:child_process'
import { readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { type IndexKey, openVectorIndex, type VectorIndex, type VectorIndexOptions } from '../src/local/index.ts'
import { applyTo } from './crash-plan.ts'
import { temporaryFolders } from './folders.ts'
import { clusteredVectors, pickSeed, randomVector, seededRandom } from './support.ts'

const seed = pickSeed('persist')
const newFolder = temporaryFolders('index')

function contentOf(index: VectorIndex): Map<IndexKey, Float32Array> {
  return new Map([...index.keys()].map((key) => [key, index.get(key) as Float32Array]))
}

function sorted(content: ReadonlyMap<IndexKey, Float32Array>): [IndexKey, Float32Array][] {
  return [...content].sort(([a], [b]) => (String(a) < String(b) ? -1 : 1))
}

const SMALL = { dimension: 5, metric: 'cosine' } as const

async function fileOf(path: string, kind: string): Promise<string> {
  const name = (await readdir(path))
    .filter((file) => file.startsWith(kind))
    .sort()
    .at(-1)
  return join(path, name as string)
}

test('what was written is there again, from the journal and from a snapshot', async () => {
  const path = await newFolder()
  const random = seededRandom(seed)
  const model = new Map<IndexKey, Float32Array>()
  const vector = (): Float32Array => randomVector(5, random)
  for (let round = 0; round < 4; round++) {
    const index = await openVectorIndex({ ...SMALL, path })
    expect(index.recovery).toEqual({ status: round === 0 ? 'empty' : 'restored' })
    expect(index.mark).toBe(round === 0 ? undefined : `round ${round - 1}`)
    expect(sorted(contentOf(index))).toEqual(sorted(model))
    const change = {
      remove: [round, `text ${round - 1}`],
      upsert: [round, round + 100, `text ${round}`, 2n ** 60n].map((key) => ({ key, vector: vector() })),
      mark: `round ${round}`,
    }
    await index.apply(change)
    applyTo(model, change)
    await index.close({ snapshot: round % 2 === 0 })
  }
  expect((await readdir(path)).map((name) => name.split('-')[0]).sort()).toEqual(['journal', 'snapshot'])
})

test('clear is remembered, and writes of one turn go together in their order', async () => {
  const path = await newFolder()
  const index = await openVectorIndex({ ...SMALL, path })
  await Promise.all([
    index.upsert([{ key: 1, vector: [1, 0, 0, 0, 0] }]),
    index.clear(),
    index.upsert([{ key: 2, vector: [0, 1, 0, 0, 0] }]),
    index.remove([2]),
    index.upsert([{ key: 3, vector: [0, 0, 1, 0, 0] }]),
  ])
  expect([...index.keys()]).toEqual([3])
  await index.close({ snapshot: false })
  const again = await openVectorIndex({ ...SMALL, path })
  expect([...again.keys()]).toEqual([3])
  await again.close()
})

test('a snapshot taken while rows are added, replaced and removed is whole', async () => {
  const path = await newFolder()
  // Wide rows make many records, so that writes fall between them.
  const options = { dimension: 2000, metric: 'dot', path, sync: false } as const
  const random = seededRandom(seed + 1)
  const model = new Map<IndexKey, Float32Array>()
  const index = await openVectorIndex(options)
  const write = async (): Promise<void> => {
    const key = Math.floor(random() * 1500)
    const change = random() < 0.5 ? { remove: [key] } : { upsert: [{ key, vector: randomVector(2000, random) }] }
    applyTo(model, change)
    await index.apply(change)
  }
  for (let i = 0; i < 1500; i++) await index.upsert([{ key: i, vector: new Float32Array(2000).fill(i) }])
  for (let i = 0; i < 1500; i++) model.set(i, new Float32Array(2000).fill(i))
  let writing = true
  let writes = 0
  const snapshot = index.snapshot().finally(() => {
    writing = false
  })
  for (; writing; writes++) await write()
  await snapshot
  console.log(`persist: ${writes} writes during one snapshot`)
  expect(writes).toBeGreaterThan(0)
  expect(sorted(contentOf(index))).toEqual(sorted(model))
  await index.close({ snapshot: false })
  const again = await openVectorIndex(options)
  expect(sorted(contentOf(again))).toEqual(sorted(model))
  await again.close({ snapshot: false })
})

test('a journal that has grown is folded into a snapshot', async () => {
  const path = await newFolder()
  const options = { dimension: 16_000, metric: 'dot', path, sync: false } as const
  const index = await openVectorIndex(options)
  const row = (n: number): Float32Array => new Float32Array(16_000).fill(n)
  let largest = 0
  for (let n = 0; n < 900; n++) {
    await index.upsert([{ key: n % 3, vector: row(n) }])
    largest = Math.max(largest, index.stats().journalBytes)
  }
  expect(largest).toBeGreaterThan(32 * 1024 * 1024)
  expect(index.stats().journalBytes).toBeLessThan(30 * 1024 * 1024)
  await index.close({ snapshot: false })
  const again = await openVectorIndex(options)
  expect([0, 1, 2].map((key) => again.get(key))).toEqual([row(897), row(898), row(899)])
  await again.close({ snapshot: false })
})

/** An index with a snapshot of 30 rows and a journal of three later records. */
async function newFiles(options: Partial<VectorIndexOptions> = {}): Promise<string> {
  const path = await newFolder()
  const random = seededRandom(seed + 2)
  const index = await openVectorIndex({ ...SMALL, path, ...options })
  for (let key = 0; key < 30; key++) await index.upsert([{ key, vector: randomVector(5, random) }])
  await index.snapshot()
  for (let key = 30; key < 33; key++) await index.upsert([{ key, vector: randomVector(5, random) }])
  await index.close({ snapshot: false })
  return path
}

async function reopen(
  path: string,
  options: Partial<VectorIndexOptions> = {},
): Promise<VectorIndex['recovery'] & { size: number }> {
  const index = await openVectorIndex({ ...SMALL, path, ...options })
  const { recovery, size } = index
  await index.close({ snapshot: false })
  return { ...recovery, size }
}

test('a changed byte anywhere is found, and the index says that it must be filled again', async () => {
  const random = seededRandom(seed + 3)
  for (const kind of ['snapshot', 'journal']) {
    for (let round = 0; round < 12; round++) {
      const path = await newFiles()
      const file = await fileOf(path, kind)
      const bytes = await readFile(file)
      const at = Math.floor(random() * bytes.byteLength)
      bytes[at] = bytes[at]! ^ (1 << Math.floor(random() * 8))
      await writeFile(file, bytes)
      const found = await reopen(path)
      expect(found, `${kind} byte ${at}`).toMatchObject({ status: 'damaged', size: 0 })
      expect(found.reason).toMatch(/checksum|not an index file|not complete/)
      // The damage is gone: the folder is usable from now on.
      expect(await reopen(path)).toEqual({ status: 'empty', size: 0 })
    }
  }
})

test('a snapshot cut short is damaged; a journal cut short lost what was never acknowledged', async () => {
  const path = await newFiles()
  const snapshot = await fileOf(path, 'snapshot')
  await truncate(snapshot, (await stat(snapshot)).size - 1)
  expect(await reopen(path)).toMatchObject({ status: 'damaged', size: 0 })

  for (const cut of [1, 5, 20]) {
    const torn = await newFiles()
    const journal = await fileOf(torn, 'journal')
    await truncate(journal, (await stat(journal)).size - cut)
    expect(await reopen(torn)).toEqual({ status: 'restored', size: 32 })
    const index = await openVectorIndex({ ...SMALL, path: torn })
    // Shorter than what the crash left of the other one.
    await index.remove([0])
    await index.close({ snapshot: false })
    expect(await reopen(torn)).toEqual({ status: 'restored', size: 31 })
  }

  const zeros = await newFiles()
  const journal = await fileOf(zeros, 'journal')
  await truncate(journal, (await stat(journal)).size + 100)
  expect(await reopen(zeros)).toEqual({ status: 'restored', size: 33 })
})

test('files of something else are stale; a missing journal is damage', async () => {
  for (const options of [{ dimension: 6 }, { metric: 'l2' }, { fingerprint: 'another model' }] as const) {
    expect(await reopen(await newFiles(), options)).toMatchObject({ status: 'stale', size: 0 })
  }
  expect(await reopen(await newFiles({ fingerprint: 'a' }), { fingerprint: 'a' })).toEqual({
    status: 'restored',
    size: 33,
  })
  const path = await newFiles()
  await rm(await fileOf(path, 'journal'))
  expect(await reopen(path)).toMatchObject({ status: 'damaged', reason: 'the journal of the snapshot is missing' })
})

test('one owner at a time; a lock left over from a process that is gone does not count', async () => {
  const path = await newFolder()
  const index = await openVectorIndex({ ...SMALL, path })
  await expect(openVectorIndex({ ...SMALL, path })).rejects.toMatchObject({ code: 'lock_timeout', retryable: true })
  await index.upsert([{ key: 1, vector: [1, 2, 3, 4, 5] }])
  const second = await openVectorIndex({ ...SMALL, path, ifInUse: 'memory' })
  expect(second.recovery).toEqual({ status: 'empty', reason: 'the files are in use by another process' })
  await second.upsert([{ key: 2, vector: [1, 2, 3, 4, 5] }])
  await second.close()
  expect([...index.keys()]).toEqual([1])
  await index.close()
  const gone = spawn(process.execPath, ['-e', ''])
  await new Promise((resolve) => gone.once('exit', resolve))
  await writeFile(join(path, 'LOCK'), String(gone.pid))
  await (await openVectorIndex({ ...SMALL, path })).close()
  await writeFile(join(path, 'LOCK'), String(process.pid))
  await (await openVectorIndex({ ...SMALL, path })).close()
  // What a crash in the middle of locking leaves.
  await writeFile(join(path, `LOCK.${gone.pid}.new`), '')
  await (await openVectorIndex({ ...SMALL, path })).close()
  expect((await readdir(path)).filter((name) => name.startsWith('LOCK'))).toEqual([])
  await writeFile(join(path, 'LOCK'), String(process.ppid))
  await expect(openVectorIndex({ ...SMALL, path })).rejects.toMatchObject({ code: 'lock_timeout' })
})

test('a path that cannot be a folder is refused without naming it', async () => {
  const file = join(await newFolder(), 'file')
  await writeFile(file, '')
  const opening = openVectorIndex({ ...SMALL, path: file })
  await expect(opening).rejects.toMatchObject({ code: 'unknown' })
  await expect(opening).rejects.not.toThrow(file)
})

test('a snapshot keeps the graph: it serves again without being built, and a damaged one is built anew', async () => {
  const path = await newFolder()
  const vectors = clusteredVectors(3000, 64, seededRandom(seed + 4))
  const options = { dimension: 64, metric: 'cosine', graphFloats: 1000, path, sync: false } as const
  const index = await openVectorIndex(options)
  await index.upsert(vectors.slice(0, 2500).map((vector, key) => ({ key, vector })))
  await index.ready()
  await index.snapshot()
  await index.upsert(vectors.slice(2500).map((vector, i) => ({ key: 2500 + i, vector })))
  await index.remove([0, 1, 2])
  await index.close({ snapshot: false })

  const again = await openVectorIndex(options)
  expect(again.stats()).toMatchObject({ size: 2997, graph: 'building', recall: expect.any(Number) })
  await again.ready()
  expect(again.stats()).toMatchObject({ graph: 'serving', failure: undefined })
  for (const key of [0, 1, 3, 1234, 2600, 2999]) {
    const [hit] = await again.search(vectors[key]!, { topK: 1, engine: 'hnsw' })
    expect(hit!.key === key).toBe(key > 2)
  }
  await again.close()

  // An index thread keeps no process alive, and yet is waited for when it is closed.
  const source = new URL('../src/local/index.ts', import.meta.url).href
  const program = `const { openVectorIndex } = await import('${source}')
    for (const wait of [false, true]) {
      const index = await openVectorIndex(${JSON.stringify({ ...options, path })})
      if (wait) await index.ready()
      await index.close()
    }
    console.log('closed')`
  expect(await run(program)).toEqual({ output: 'closed\n', code: 0 })

  const graph = await fileOf(path, 'graph')
  const bytes = await readFile(graph)
  bytes[bytes.byteLength >> 1]! ^= 1
  await writeFile(graph, bytes)
  const third = await openVectorIndex(options)
  await third.ready()
  expect(third.stats()).toMatchObject({ graph: 'serving', failure: undefined, size: 2997 })
  await third.close({ snapshot: false })
}, 20_000)

function run(program: string): Promise<{ output: string; code: number | null }> {
  const flags = ['--conditions=archon-db-source', '--input-type=module', '-e', program]
  const child = spawn(process.execPath, flags, { stdio: ['ignore', 'pipe', 'inherit'] })
  let output = ''
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString()
  })
  return new Promise((resolve) => child.once('close', (code) => resolve({ output, code })))
}
