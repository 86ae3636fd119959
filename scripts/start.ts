/** The demonstration: a knowledge base of this repository's own documentation, in an embedded database, searched. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
// The packages' own sources: the workspace's root is no consumer of them, and nothing has to be built.
import { connect, type Database, isDbError, type SearchSpec } from '../packages/cli/src/index.ts'
import { readDocuments } from './start/documents.ts'
import { embed } from './start/embedder.ts'
import { storeKnowledge } from './start/knowledge.ts'
import { findOrCreateProject } from './start/project.ts'
import { fact, heading, hit, ms, note } from './start/report.ts'

const ROOT = join(import.meta.dirname, '..')
const FILE = './archon.db'

const SEARCHES: readonly (readonly [title: string, question: string, spec: (question: string) => SearchSpec])[] = [
  ['By nearness', 'who makes the ids of new rows?', (question) => ({ embedding: embed(question) })],
  ['By words', 'reciprocal rank', (text) => ({ text })],
  ['By both', 'vector index recall', (text) => ({ text, embedding: embed(text) })],
]

const NEXT: readonly (readonly [command: string, about: string])[] = [
  ['npm start', 'again: everything is where it was'],
  ['npm run archon-db -- status', 'migrations and tables'],
  ['npm run archon-db -- doctor', 'is all well?'],
  ['npm run archon-db -- sql "select title, status from archon_tasks"', 'ask it something'],
  ['npm run archon-db -- --help', 'everything the command can do'],
  ['npm test', 'every check'],
]

async function demonstrate(): Promise<void> {
  heading('archon-db: one data layer for Archon on any database')
  console.log()
  // The environment is left out on purpose: a demonstration has no business in somebody's real database.
  const database = await prepare()
  try {
    const sourceId = await learn(database)
    await search(database)
    await plan(database, sourceId)
    suggest()
  } finally {
    await database.close()
  }
}

async function prepare(): Promise<Database> {
  const [existed, started] = [existsSync(FILE), performance.now()]
  const database = await connect({ url: FILE }, {})
  const { applied, total } = await database.migrate()
  const { product, version } = database.capabilities
  const schema = applied.length > 0 ? `${applied.length} migrations applied` : `all ${total} migrations in place`
  fact('Database', `${FILE} ${existed ? 'opened' : 'created'}: ${product} ${version}, ${schema} (${ms(started)})`)
  return database
}

async function learn(database: Database): Promise<string> {
  const started = performance.now()
  const { sourceId, changed, removed, pages, chunks, codeExamples } = await storeKnowledge(
    database,
    readDocuments(ROOT),
  )
  const news = changed + removed === 0 ? 'nothing new since the last run' : `${changed} stored, ${removed} taken out`
  fact('Knowledge', `${pages} pages, ${chunks} chunks, ${codeExamples} code examples: ${news} (${ms(started)})`)
  note('           Embedded by a small hashing embedder, which is a demonstration: it sees words, not meaning.')
  return sourceId
}

async function search({ repositories }: Database): Promise<void> {
  for (const [title, question, spec] of SEARCHES) {
    const started = performance.now()
    const hits = await repositories.chunks.search({ ...spec(question), limit: 3 })
    heading(`${title}: "${question}" (${ms(started)})`)
    for (const one of hits) hit(one)
  }
}

async function plan(database: Database, sourceId: string): Promise<void> {
  const { tasks, projectSources } = database.repositories
  const { project, created } = await findOrCreateProject(database, sourceId)
  const counts = (await tasks.countsByProject([project.id])).get(project.id)
  const { technical } = await projectSources.listByProject(project.id)
  const { items } = await tasks.list({ projectId: project.id, search: 'database' }, { limit: 5, light: true })
  heading(`Project "${project.title}" (${created ? 'created' : 'found again'})`)
  console.log(
    `  ${Object.entries(counts ?? {})
      .map(([status, number]) => `${number} ${status}`)
      .join(', ')}; draws on ${technical.length} source`,
  )
  for (const { title, status } of items) console.log(`  ${String(status).padEnd(6)} ${title}`)
}

function suggest(): void {
  heading('Try next')
  for (const [command, about] of NEXT) note(`  ${command.padEnd(68)}${about}`)
}

try {
  await demonstrate()
} catch (error) {
  console.error(`\nThe demonstration failed: ${error instanceof Error ? error.message : error}`)
  if (isDbError(error))
    console.error(`If ${FILE} is from another version, delete it (and its -wal and -shm) and try again.`)
  process.exitCode = 1
}
