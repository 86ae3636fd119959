import { type Database, TABLE_NAMES, type TableName } from '@archon-db/core'
import type { Random } from '../../../harness/random.ts'

/** Some of the stored rows, for queries to look for. */
export interface Known {
  readonly projectId: string
  readonly projectIds: readonly string[]
  readonly taskId: string
  readonly sourceId: string
  readonly sourceIds: readonly string[]
  readonly url: string
  readonly urls: readonly string[]
  readonly pageId: string
}

/** Enough of each that no planner would rather read them all. */
const PROJECTS = 1000
const TASKS_EACH = 8
const SOURCES = 1000
const PAGES_EACH = 3
const PIECES_EACH = 5

/** A word that few texts hold. */
export const RARE_WORD = 'zanzibar'

/** A knowledge base and projects as they are after some time of use. */
export async function fillTables(db: Database, random: Random): Promise<Known> {
  const known = { ...(await fillProjects(db, random)), ...(await fillSources(db, random)) }
  await fillRest(db)
  return known
}

async function fillProjects(db: Database, random: Random): Promise<Pick<Known, 'projectId' | 'projectIds' | 'taskId'>> {
  const projectIds = await storeNamed(
    db,
    TABLE_NAMES.projects,
    many(PROJECTS, (n) => ({ title: `Project ${n}` })),
  )
  const parents = await storeNamed(
    db,
    TABLE_NAMES.tasks,
    projectIds.map((projectId, n) => ({ projectId, title: `Parent ${n}`, createdAt: minute(n) })),
  )
  const tasks = many(PROJECTS * TASKS_EACH, (n) => ({
    projectId: projectIds[n % PROJECTS],
    ...(n % 4 === 0 && { parentTaskId: parents[n % PROJECTS] }),
    title: `Task ${n}: ${sentence(random)}`,
    description: sentence(random),
    status: ['todo', 'doing', 'review', 'done'][Math.floor(n / PROJECTS) % 4],
    assignee: `Agent ${n % 100}`,
    order: Math.floor(n / PROJECTS),
    archived: n % 50 === 0,
    createdAt: minute(n),
  }))
  await store(db, TABLE_NAMES.tasks, tasks)
  const versions = many(PROJECTS * 6, (n) => ({
    ...(n % 20 === 4 ? { taskId: parents[n % PROJECTS] } : { projectId: projectIds[n % PROJECTS] }),
    fieldName: ['docs', 'features', 'data'][Math.floor(n / PROJECTS) % 3],
    versionNumber: 1 + Math.floor(n / PROJECTS / 3),
    content: [],
    createdAt: minute(n),
  }))
  await store(db, TABLE_NAMES.documentVersions, versions)
  const links = many(PROJECTS * 4, (n) => ({
    projectId: projectIds[n % PROJECTS],
    sourceId: `source-${n % (SOURCES - 1)}`,
    notes: n < PROJECTS * 2 ? 'technical' : 'business',
    linkedAt: minute(n),
  }))
  await store(db, TABLE_NAMES.projectSources, links)
  return { projectId: projectIds[7] as string, projectIds: projectIds.slice(3, 8), taskId: parents[4] as string }
}

async function fillSources(db: Database, random: Random): Promise<Omit<Known, 'projectId' | 'projectIds' | 'taskId'>> {
  const ids = many(SOURCES, (n) => `source-${n}`)
  const sources = ids.map((id, n) => ({ id, url: `https://${id}.example`, title: `Title ${n}`, createdAt: minute(n) }))
  await store(db, TABLE_NAMES.sources, sources)
  const pages = many(SOURCES * PAGES_EACH, (n) => ({
    sourceId: ids[n % SOURCES],
    url: urlOf(n),
    content: sentence(random),
    sectionTitle: `Section ${n % 7}`,
    sectionOrder: n,
    wordCount: 8,
    charCount: 50,
  }))
  const pageIds = await storeNamed(db, TABLE_NAMES.pages, pages)
  const pieces = many(SOURCES * PIECES_EACH, (n) => ({
    sourceId: ids[n % SOURCES],
    url: urlOf(n % pages.length),
    chunkNumber: Math.floor(n / pages.length),
    content: n % 400 === 7 ? `${sentence(random)} ${RARE_WORD}` : sentence(random),
  }))
  const chunks = pieces.map((piece, n) => ({ ...piece, pageId: pageIds[n % pages.length] }))
  await store(db, TABLE_NAMES.chunks, chunks)
  await store(
    db,
    TABLE_NAMES.codeExamples,
    pieces.map((piece, n) => ({ ...piece, summary: 'An example', language: n % 400 === 7 ? 'ada' : 'c' })),
  )
  return {
    sourceId: ids[7] as string,
    sourceIds: ids.slice(3, 8),
    url: urlOf(7),
    urls: [urlOf(7), urlOf(8), urlOf(9)],
    pageId: pageIds[7] as string,
  }
}

function urlOf(page: number): string {
  return `https://source-${page % SOURCES}.example/pages/${page}`
}

async function fillRest(db: Database): Promise<void> {
  const orders = many(2000, (n) => ({
    id: `order-${n}`,
    repositoryUrl: `https://github.com/archon/repository-${n % 200}`,
    sandboxIdentifier: `sandbox-${n}`,
    status: n % 100 === 7 ? 'running' : 'completed',
    createdAt: minute(n),
  }))
  await store(db, TABLE_NAMES.workOrders, orders)
  const steps = orders.flatMap(({ id }) =>
    many(2, (order) => ({
      workOrderId: id,
      step: 'planning',
      agentName: 'planner',
      success: true,
      durationSeconds: 1.5,
      executedAt: minute(order),
      order,
    })),
  )
  await store(db, TABLE_NAMES.workOrderSteps, steps)
  const settings = many(2000, (n) => ({ key: `KEY_${n}`, value: `${n}`, category: `category-${n % 100}` }))
  await store(db, TABLE_NAMES.settings, settings)
  await store(
    db,
    TABLE_NAMES.prompts,
    many(2000, (n) => ({ name: `prompt-${n}`, prompt: 'Answer briefly.' })),
  )
  const repositories = many(2000, (n) => ({ url: `https://github.com/archon/repository-${n}` }))
  await store(db, TABLE_NAMES.configuredRepositories, repositories)
}

function many<T>(count: number, make: (n: number) => T): T[] {
  return Array.from({ length: count }, (_, n) => make(n))
}

function minute(n: number): Date {
  return new Date(Date.UTC(2024, 0, 1, 0, n))
}

const WORDS = many(400, (n) => `${['ba', 'ce', 'di', 'fo', 'gu'][n % 5]}${['lan', 'mer', 'nis', 'por'][n % 4]}${n}`)

function sentence(random: Random): string {
  return many(8, () => random.pick(WORDS)).join(' ')
}

async function store(db: Database, table: TableName, rows: readonly object[]): Promise<void> {
  await db.insert(table, rows, { naming: 'key', returning: false })
}

/** The ids they were given, in their order. */
async function storeNamed(db: Database, table: TableName, rows: readonly object[]): Promise<string[]> {
  const stored = await db.insert<{ id: string }>(table, rows, { naming: 'key', returning: ['id'] })
  return stored.rows.map(({ id }) => id)
}
