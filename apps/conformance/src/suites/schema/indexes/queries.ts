import { type Repositories, TABLE_NAMES, type TableName } from '@archon-db/core'
import { type Known, RARE_WORD } from './rows.ts'

/** What the application asks all the time, and must not read a whole table for. */
export interface HotQuery {
  readonly id: string
  /** Read by an index, along with every other table that it meets. */
  readonly table: TableName
  /** Where the page before ended; asked beforehand, and not looked at. */
  readonly after?: (repositories: Repositories, known: Known) => Promise<{ readonly nextCursor: string | null }>
  /** Tells how many rows it found or changed: with none, its plan would prove little. */
  run(repositories: Repositories, known: Known, after: string | null): Promise<number>
}

const KEYWORD = { text: RARE_WORD, mode: 'keyword', limit: 5 } as const

const ofTasks: readonly HotQuery[] = [
  hot(
    'tasks.of-a-project',
    'tasks',
    async ({ tasks }, { projectId }) => (await tasks.list({ projectId })).items.length,
  ),
  hot('tasks.of-a-project-by-status', 'tasks', async ({ tasks }, { projectId }) => {
    return (await tasks.list({ projectId, status: 'done' }, { limit: 20 })).items.length
  }),
  {
    ...hot('tasks.of-a-project-page-two', 'tasks', async ({ tasks }, { projectId }, after) => {
      return (await tasks.list({ projectId }, { limit: 3, after })).items.length
    }),
    after: ({ tasks }, { projectId }) => tasks.list({ projectId }, { limit: 3 }),
  },
  hot('tasks.numbered-page', 'tasks', async ({ tasks }, { projectId }) => (await tasks.page({ projectId })).total),
  hot('tasks.search-in-a-project', 'tasks', async ({ tasks }, { projectId }) => {
    return (await tasks.list({ projectId, search: 'task' })).items.length
  }),
  hot('tasks.count-of-a-project', 'tasks', ({ tasks }, { projectId }) => tasks.count({ projectId })),
  hot('tasks.counts-by-project', 'tasks', async ({ tasks }, { projectIds }) => {
    return (await tasks.countsByProject(projectIds)).size
  }),
  hot('tasks.of-an-assignee', 'tasks', async ({ tasks }) => (await tasks.list({ assignee: 'Agent 7' })).items.length),
  hot('tasks.subtasks', 'tasks', async ({ tasks }, { taskId: parentTaskId }) => {
    return (await tasks.list({ parentTaskId, includeClosed: true })).items.length
  }),
  hot('tasks.shift-order', 'tasks', ({ tasks }, { projectId }) => tasks.shiftOrder(projectId, 'done', 1)),
  hot('tasks.take-a-place', 'tasks', async ({ tasks }, { projectId }) => {
    return (await tasks.create({ projectId, title: 'In between', order: 3 })).order ?? 0
  }),
  hot('tasks.archive', 'tasks', async ({ tasks }, { taskId }) => Number((await tasks.archive(taskId)) !== null)),
]

const ofChunks: readonly HotQuery[] = [
  hot(
    'chunks.of-a-source',
    'chunks',
    async ({ chunks }, { sourceId }) => (await chunks.list({ sourceId })).items.length,
  ),
  {
    ...hot('chunks.of-a-source-page-two', 'chunks', async ({ chunks }, { sourceId }, after) => {
      return (await chunks.list({ sourceId }, { limit: 3, after })).items.length
    }),
    after: ({ chunks }, { sourceId }) => chunks.list({ sourceId }, { limit: 3 }),
  },
  hot('chunks.of-a-source-by-url', 'chunks', async ({ chunks }, { sourceId }) => {
    return (await chunks.slice({ sourceId, urlContains: 'PAGES' }, { limit: 5 })).total
  }),
  hot('chunks.of-a-url', 'chunks', async ({ chunks }, { url }) => (await chunks.list({ url })).items.length),
  hot('chunks.of-a-page', 'chunks', ({ chunks }, { pageId }) => chunks.count({ pageId })),
  hot('chunks.count-by-source', 'chunks', async ({ chunks }, { sourceIds, sourceId }) => {
    return (await chunks.countBySource(sourceIds)).get(sourceId) ?? 0
  }),
  hot('chunks.first-url-by-source', 'chunks', async ({ chunks }, { sourceIds }) => {
    return (await chunks.firstUrlBySource(sourceIds)).size
  }),
  hot('chunks.keyword-search', 'chunks', async ({ chunks }) => (await chunks.search(KEYWORD)).length),
  hot('chunks.keyword-search-in-a-source', 'chunks', async ({ chunks }, { sourceId }) => {
    return (await chunks.search({ ...KEYWORD, filter: { sourceId } })).length
  }),
  hot('chunks.replace-for-urls', 'chunks', async ({ chunks }, { urls, url, sourceId }) => {
    return (await chunks.replaceForUrls(urls, [{ url, sourceId, chunkNumber: 0, content: 'Anew' }])).deleted
  }),
  hot('chunks.delete-by-urls', 'chunks', ({ chunks }, { url }) => chunks.deleteByUrls([url])),
  hot('chunks.delete-by-source', 'chunks', ({ chunks }, { sourceIds }) =>
    chunks.deleteBySource(sourceIds[0] as string),
  ),
]

const ofCodeExamples: readonly HotQuery[] = [
  hot('code-examples.of-a-source', 'codeExamples', async ({ codeExamples }, { sourceId }) => {
    return (await codeExamples.listBySource(sourceId, { limit: 5 })).total
  }),
  hot('code-examples.count-by-source', 'codeExamples', async ({ codeExamples }, { sourceIds, sourceId }) => {
    return (await codeExamples.countBySource(sourceIds)).get(sourceId) ?? 0
  }),
  {
    ...hot('code-examples.page-after-page', 'codeExamples', async ({ codeExamples }, _known, after) => {
      return (await codeExamples.list({}, { limit: 50, after })).items.length
    }),
    after: ({ codeExamples }) => codeExamples.list({}, { limit: 3000 }),
  },
  hot('code-examples.keyword-search', 'codeExamples', async ({ codeExamples }) => {
    return (await codeExamples.search(KEYWORD)).length
  }),
  hot('code-examples.delete-by-urls', 'codeExamples', ({ codeExamples }, { urls }) => codeExamples.deleteByUrls(urls)),
]

const ofSources: readonly HotQuery[] = [
  hot('sources.by-id', 'sources', async ({ sources }, { sourceId }) => Number((await sources.get(sourceId)) !== null)),
  hot('sources.by-ids', 'sources', async ({ sources }, { sourceIds }) => (await sources.listByIds(sourceIds)).length),
  hot('sources.upsert', 'sources', async ({ sources }, { sourceId: id }) => {
    return Number((await sources.upsert({ id, title: 'Renamed' })) !== null)
  }),
  hot('pages.of-a-source', 'pages', async ({ pages }, { sourceId }) => (await pages.list({ sourceId })).items.length),
  hot('pages.of-a-section', 'pages', async ({ pages }, { sourceId }) => {
    return (await pages.list({ sourceId, sectionTitle: 'Section 0' })).items.length
  }),
  hot('pages.by-url', 'pages', async ({ pages }, { url }) => Number((await pages.getByUrl(url)) !== null)),
  hot('pages.by-ids', 'pages', async ({ pages }, { pageId }) => (await pages.listByIds([pageId])).length),
  hot('pages.upsert', 'pages', async ({ pages }, { sourceId, urls }) => {
    const drafts = urls.map((url) => ({ sourceId, url, content: 'Anew', wordCount: 1, charCount: 4 }))
    return (await pages.upsertMany(drafts)).length
  }),
  hot('pages.recalculate-chunk-counts', 'pages', ({ pages }, { sourceId }) => pages.recalculateChunkCounts(sourceId)),
]

const ofProjects: readonly HotQuery[] = [
  hot('projects.by-id', 'projects', async ({ projects }, { projectId }) => {
    return Number((await projects.get(projectId)) !== null)
  }),
  hot('project-sources.of-a-project', 'projectSources', async ({ projectSources }, { projectId }) => {
    return (await projectSources.listByProject(projectId)).technical.length
  }),
  hot('project-sources.of-projects', 'projectSources', async ({ projectSources }, { projectIds }) => {
    return (await projectSources.listByProjects(projectIds)).size
  }),
  hot('project-sources.of-a-source', 'projectSources', async ({ projectSources }, { sourceId }) => {
    return (await projectSources.list({ sourceId })).items.length
  }),
  hot('project-sources.replace', 'projectSources', async ({ projectSources }, { projectId }) => {
    return (await projectSources.replace(projectId, 'technical', ['a', 'b'])).ok.length
  }),
  hot('versions.next', 'documentVersions', ({ documentVersions }, { projectId }) => {
    return documentVersions.nextVersion(projectId, 'docs')
  }),
  hot('versions.latest', 'documentVersions', async ({ documentVersions }, { projectId }) => {
    return (await documentVersions.list({ projectId, fieldName: 'docs' }, { limit: 1 })).items.length
  }),
  hot('versions.by-number', 'documentVersions', async ({ documentVersions }, { projectId }) => {
    return Number((await documentVersions.get(projectId, 'docs', 1)) !== null)
  }),
  hot('versions.create', 'documentVersions', async ({ documentVersions }, { projectId }) => {
    return (await documentVersions.create({ projectId, fieldName: 'docs', content: [] })).versionNumber
  }),
  hot('versions.of-a-task', 'documentVersions', ({ documentVersions }, { taskId }) =>
    documentVersions.count({ taskId }),
  ),
]

const ofTheRest: readonly HotQuery[] = [
  hot('settings.by-key', 'settings', async ({ settings }) => Number((await settings.get('KEY_7')) !== null)),
  hot(
    'settings.of-a-category',
    'settings',
    async ({ settings }) => (await settings.listByCategory('category-7')).length,
  ),
  {
    ...hot('settings.page-after-page', 'settings', async ({ settings }, _known, after) => {
      return (await settings.list({}, { limit: 20, after })).items.length
    }),
    after: ({ settings }) => settings.list({}, { limit: 1500 }),
  },
  hot('settings.upsert', 'settings', async ({ settings }) => {
    return Number((await settings.upsert({ key: 'KEY_7', value: 'other' })).value === 'other')
  }),
  hot('settings.delete', 'settings', async ({ settings }) => Number(await settings.delete('KEY_8'))),
  hot('prompts.by-name', 'prompts', async ({ prompts }) => Number((await prompts.get('prompt-7')) !== null)),
  hot('configured-repositories.by-url', 'configuredRepositories', async ({ configuredRepositories }) => {
    return Number((await configuredRepositories.getByUrl('https://github.com/archon/repository-7')) !== null)
  }),
  hot('work-orders.by-status', 'workOrders', async ({ workOrders }) => {
    return (await workOrders.list({ status: 'running' }, { limit: 5 })).items.length
  }),
  hot('work-orders.of-a-repository', 'workOrders', async ({ workOrders }) => {
    return (await workOrders.list({ repositoryUrl: 'https://github.com/archon/repository-7' })).items.length
  }),
  hot('work-orders.status-update', 'workOrders', async ({ workOrders }) => {
    return Number((await workOrders.updateStatus('order-7', 'failed', { reason: 'none' })) !== null)
  }),
  hot('work-orders.steps', 'workOrderSteps', async ({ workOrders }) => (await workOrders.getSteps('order-7')).length),
  hot('work-orders.save-steps', 'workOrderSteps', async ({ workOrders }) => {
    const step = { step: 'execute', agentName: 'builder', success: true, durationSeconds: 1, executedAt: new Date(0) }
    return (await workOrders.saveSteps('order-7', [step])).length
  }),
]

export const HOT_QUERIES: readonly HotQuery[] = [
  ...ofTasks,
  ...ofChunks,
  ...ofCodeExamples,
  ...ofSources,
  ...ofProjects,
  ...ofTheRest,
]

/** What no index can help with: if these were not told apart, the others would pass whatever the plan is. */
export const WHOLE_READS: readonly HotQuery[] = [
  hot('whole.column-without-an-index', 'codeExamples', ({ codeExamples }) => codeExamples.count({ language: 'ada' })),
  hot('whole.all-rows-counted', 'settings', ({ settings }) => settings.count()),
  hot('whole.all-rows-in-order-of-an-index', 'settings', async ({ settings }) => (await settings.listAll()).length),
]

function hot(id: string, table: keyof typeof TABLE_NAMES, run: HotQuery['run']): HotQuery {
  return { id, table: TABLE_NAMES[table], run }
}
