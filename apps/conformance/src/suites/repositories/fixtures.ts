import assert from 'node:assert/strict'
import type {
  CodeExample,
  Database,
  NewChunk,
  NewCodeExample,
  NewPage,
  Page,
  Project,
  Source,
  Task,
} from '@archon-db/core'

/** A well-formed id that no row has. */
export const NO_ID = '0198c1d2-7a5e-7c3b-9f10-2b4c6d8e0f12'

/** Times that are in the past and in order. */
export function at(minute: number): Date {
  return new Date(Date.UTC(2024, 0, 1, 0, minute))
}

/** The value, which must be there. */
export function present<T>(value: T | null | undefined): T {
  assert.ok(value !== null && value !== undefined, 'there is such a row')
  return value
}

/** Every item of a list, taken page by page. */
export async function allPages<T>(
  next: (after: string | null) => Promise<{ items: T[]; nextCursor: string | null }>,
): Promise<T[][]> {
  const pages: T[][] = []
  for (let after: string | null = null; ; ) {
    const { items, nextCursor } = await next(after)
    pages.push(items)
    if (nextCursor === null) return pages
    after = nextCursor
  }
}

export function aSource(db: Database, id = 'source-1', more: Partial<Source> = {}): Promise<Source> {
  return db.repositories.sources.create({ id, ...more })
}

export function aProject(db: Database, title = 'Project', more: Partial<Project> = {}): Promise<Project> {
  return db.repositories.projects.create({ title, ...more })
}

export function aTask(db: Database, title = 'Task', more: Partial<Task> = {}): Promise<Task> {
  return db.repositories.tasks.create({ title, ...more })
}

export function pageDraft(url: string, more: Partial<Page> = {}): NewPage {
  return { sourceId: 'source-1', url, content: `The text of ${url}`, wordCount: 4, charCount: 20, ...more }
}

export function chunkDraft(url: string, chunkNumber: number, more: Partial<NewChunk> = {}): NewChunk {
  return { sourceId: 'source-1', url, chunkNumber, content: `Chunk ${chunkNumber} of ${url}`, ...more }
}

export function exampleDraft(url: string, chunkNumber: number, more: Partial<NewCodeExample> = {}): NewCodeExample {
  const content: CodeExample['content'] = `print(${chunkNumber})`
  return { sourceId: 'source-1', url, chunkNumber, content, summary: `Prints ${chunkNumber}`, ...more }
}

/** A vector of length 1 along one axis. */
export function axis(dimension: number, index = 0): Float32Array {
  const vector = new Float32Array(dimension)
  vector[index] = 1
  return vector
}
