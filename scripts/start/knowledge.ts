import { createHash } from 'node:crypto'
import type { Database, NewChunk, NewCodeExample, NewPage, Transaction } from '../../packages/cli/src/index.ts'
import type { Document } from './documents.ts'
import { DIMENSION, EMBEDDER, embed } from './embedder.ts'

export interface Stored {
  readonly sourceId: string
  readonly changed: number
  readonly removed: number
  readonly pages: number
  readonly chunks: number
  readonly codeExamples: number
}

const SOURCE_URL = 'archon-db/docs'

/** As Archon names its sources: the beginning of the hash of their address. */
const SOURCE_ID = createHash('sha256').update(SOURCE_URL).digest('hex').slice(0, 16)

/** Stores what has changed since the last time, and takes out what is gone: all of it, or nothing. */
export function storeKnowledge(database: Database, documents: readonly Document[]): Promise<Stored> {
  return database.transaction(async (tx) => {
    await upsertSource(tx, documents)
    const { items: known } = await tx.repositories.pages.list({ sourceId: SOURCE_ID })
    const hashes = new Map(known.map(({ url, metadata }) => [url, hashIn(metadata)]))
    const changed = documents.filter(({ path, hash }) => hashes.get(path) !== hash)
    const gone = known.filter(({ url }) => !documents.some(({ path }) => path === url))
    if (changed.length > 0) await storeDocuments(tx, changed)
    for (const page of gone) await removePage(tx, page)
    return { sourceId: SOURCE_ID, changed: changed.length, removed: gone.length, ...(await countAll(tx)) }
  })
}

async function upsertSource({ repositories }: Transaction, documents: readonly Document[]): Promise<void> {
  await repositories.sources.upsert({
    id: SOURCE_ID,
    url: SOURCE_URL,
    title: 'Documentation of archon-db',
    displayName: 'archon-db documentation',
    summary: 'The guides and decisions of this repository.',
    sourceType: 'documents',
    status: 'completed',
    totalWordCount: documents.reduce((sum, { text }) => sum + wordsIn(text), 0),
    metadata: { knowledge_type: 'technical', tags: ['archon-db', 'demonstration'] },
  })
}

async function storeDocuments({ repositories }: Transaction, documents: readonly Document[]): Promise<void> {
  const urls = documents.map(({ path }) => path)
  const pages = await repositories.pages.upsertMany(documents.map(pageOf))
  const idOf = new Map(pages.map(({ id, url }) => [url, id]))
  await repositories.chunks.replaceForUrls(
    urls,
    documents.flatMap((document) => chunksOf(document, idOf.get(document.path) ?? null)),
  )
  await repositories.codeExamples.replaceForUrls(urls, documents.flatMap(codeExamplesOf))
  await repositories.pages.recalculateChunkCounts(SOURCE_ID)
}

async function removePage({ repositories }: Transaction, { id, url }: { id: string; url: string }): Promise<void> {
  await repositories.chunks.deleteByUrls([url])
  await repositories.codeExamples.deleteByUrls([url])
  await repositories.pages.delete(id)
}

async function countAll({ repositories }: Transaction): Promise<Pick<Stored, 'pages' | 'chunks' | 'codeExamples'>> {
  const filter = { sourceId: SOURCE_ID }
  return {
    pages: await repositories.pages.count(filter),
    chunks: await repositories.chunks.count(filter),
    codeExamples: await repositories.codeExamples.count(filter),
  }
}

function pageOf({ path, title, text, hash, sections }: Document): NewPage {
  return {
    sourceId: SOURCE_ID,
    url: path,
    content: text,
    sectionTitle: title,
    wordCount: wordsIn(text),
    charCount: text.length,
    chunkCount: sections.length,
    metadata: { hash },
  }
}

function chunksOf({ path, title, sections }: Document, pageId: string | null): NewChunk[] {
  return sections.map(({ headings, text }, at) => ({
    sourceId: SOURCE_ID,
    pageId,
    url: path,
    title,
    chunkNumber: at,
    totalChunks: sections.length,
    content: text,
    metadata: { headings: [...headings], knowledge_type: 'technical' },
    embedding: embed(`${headings.join(' ')} ${text}`),
    embeddingModel: EMBEDDER,
    embeddingDimension: DIMENSION,
  }))
}

function codeExamplesOf({ path, code }: Document): NewCodeExample[] {
  return code.map(({ language, code: content, about }, at) => ({
    sourceId: SOURCE_ID,
    url: path,
    chunkNumber: at,
    content,
    summary: about,
    language,
    filePath: path,
    metadata: { language },
    embedding: embed(`${about} ${content}`),
    embeddingModel: EMBEDDER,
    embeddingDimension: DIMENSION,
  }))
}

function hashIn(metadata: unknown): unknown {
  return typeof metadata === 'object' && metadata !== null && 'hash' in metadata ? metadata.hash : undefined
}

function wordsIn(text: string): number {
  return text.split(/\s+/).filter(Boolean).length
}
