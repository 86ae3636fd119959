import { type Suite, suite } from '../../harness/index.ts'
import { chunkBulk } from './chunk-bulk.ts'
import { chunkSearch } from './chunk-search.ts'
import { chunkEmbeddings, chunkLists } from './chunks.ts'
import { codeExamples } from './code-examples.ts'
import { configuredRepositories } from './configured-repositories.ts'
import { documentVersions } from './document-versions.ts'
import { migrations } from './migrations.ts'
import { pages } from './pages.ts'
import { projectDocs } from './project-docs.ts'
import { projectSources } from './project-sources.ts'
import { projects } from './projects.ts'
import { prompts } from './prompts.ts'
import { settings } from './settings.ts'
import { sources } from './sources.ts'
import { taskChanges, taskLists, taskOrder } from './tasks.ts'
import { together } from './together.ts'
import { workOrders } from './work-orders.ts'

const PARTS = [
  settings,
  prompts,
  migrations,
  sources,
  pages,
  chunkEmbeddings,
  chunkLists,
  chunkBulk,
  chunkSearch,
  codeExamples,
  projects,
  projectDocs,
  taskOrder,
  taskLists,
  taskChanges,
  projectSources,
  documentVersions,
  workOrders,
  configuredRepositories,
  together,
]

/** What Archon's services ask of their database, entity by entity. */
export const repositories: Suite = suite('repositories', (t) => {
  for (const define of PARTS) define(t)
})
