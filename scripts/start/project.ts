import type { Database, NewTask, Project, TaskStatus } from '../../packages/cli/src/index.ts'

export interface FoundProject {
  readonly project: Project
  readonly created: boolean
}

const TITLE = 'Run Archon on a database of your choice'

/** What there is to do, in order. */
const TASKS: readonly (Pick<NewTask, 'title'> & { readonly status: TaskStatus; readonly feature: string })[] = [
  { title: 'Open an embedded database and fill it', status: 'done', feature: 'start' },
  { title: 'Search it by meaning, by words and by both', status: 'review', feature: 'search' },
  { title: 'Read why the layer is built as it is (docs/adr)', status: 'doing', feature: 'start' },
  { title: 'Point DATABASE_URL at a database of your own', status: 'todo', feature: 'server' },
  { title: 'Let the doctor look at that database', status: 'todo', feature: 'server' },
]

/** The project of the last run, or a new one with its tasks and what it draws on: all of it, or nothing. */
export function findOrCreateProject(database: Database, sourceId: string): Promise<FoundProject> {
  return database.transaction(async ({ repositories }) => {
    const { items } = await repositories.projects.list({ search: TITLE })
    const found = items.find(({ title }) => title === TITLE)
    if (found) return { project: found, created: false }
    const project = await repositories.projects.create({
      title: TITLE,
      description: 'Made by `npm start`. Change it, delete it: it comes back only when it is gone.',
      features: [{ label: 'start' }, { label: 'search' }, { label: 'server' }],
    })
    for (const [at, task] of TASKS.entries()) {
      await repositories.tasks.create({ ...task, projectId: project.id, order: at + 1 })
    }
    await repositories.projectSources.replace(project.id, 'technical', [sourceId])
    return { project, created: true }
  })
}
