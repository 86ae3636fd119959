import { DbError, invalidInput } from '../errors.ts'
import { uuidv7 } from '../internal/uuid.ts'
import { type Json, type Project, TABLE_NAMES } from '../rows.ts'
import { recordVersion } from './document-versions.ts'
import type { EntityTable } from './entity-table.ts'

/** An entry of a project's docs. Beside the id it holds what the application puts there: title, content, tags … */
export type ProjectDoc = { id: string; [key: string]: Json }
export type NewProjectDoc = { readonly id?: string | undefined; readonly [key: string]: Json | undefined }
export type DocPatch = { readonly id?: never; readonly [key: string]: Json | undefined }

export interface DocOptions {
  /** Keeps the docs as they were before the change as a version, in the same transaction. */
  readonly version?:
    | { readonly changeSummary?: string | undefined; readonly createdBy?: string | undefined }
    | undefined
}

interface Change<Result> {
  readonly type: 'create' | 'update' | 'delete'
  readonly documentId: string
  readonly docs: Json[]
  readonly result: Result
}

type Projects = EntityTable<Project>

export async function addDoc(
  projects: Projects,
  projectId: string,
  doc: NewProjectDoc,
  options: DocOptions,
): Promise<ProjectDoc> {
  const added = definedKeys({ ...doc, id: doc.id ?? uuidv7() })
  const result = await changeDocs(projects, projectId, options, (docs) => {
    if (indexOf(docs, added.id) >= 0)
      throw invalidInput('The project has a document with this id already. Use updateDoc to change it.')
    return { type: 'create', documentId: added.id, docs: [...docs, added], result: added }
  })
  if (result) return result
  throw new DbError('not_found', 'There is no such project to add a document to.', { table: TABLE_NAMES.projects })
}

export function updateDoc(
  projects: Projects,
  projectId: string,
  docId: string,
  patch: DocPatch,
  options: DocOptions,
): Promise<ProjectDoc | null> {
  return changeDocs(projects, projectId, options, (docs) => {
    const at = indexOf(docs, docId)
    if (at < 0) return null
    const result = definedKeys({ ...asObject(docs[at]), ...definedKeys({ ...patch, id: docId }) })
    return { type: 'update', documentId: docId, docs: docs.with(at, result), result }
  })
}

export async function deleteDoc(
  projects: Projects,
  projectId: string,
  docId: string,
  options: DocOptions,
): Promise<boolean> {
  const deleted = await changeDocs(projects, projectId, options, (docs) => {
    const at = indexOf(docs, docId)
    return at < 0 ? null : { type: 'delete', documentId: docId, docs: docs.toSpliced(at, 1), result: true }
  })
  return deleted ?? false
}

/** Reads, changes and writes the docs while no one else can; null when there is no project or nothing to change. */
function changeDocs<Result>(
  projects: Projects,
  projectId: string,
  { version }: DocOptions,
  change: (docs: Json[]) => Change<Result> | null,
): Promise<Result | null> {
  return projects.access.transaction(async (tx) => {
    const table = projects.only('docs').in(tx)
    const project = await table.oneLocked({ id: projectId })
    const changed = project && change(listOf(project.docs))
    if (!changed) return null
    const { type, documentId, docs, result } = changed
    if (version) {
      const { changeSummary, createdBy } = version
      const content = project.docs
      await recordVersion(tx, {
        projectId,
        fieldName: 'docs',
        content,
        changeType: type,
        documentId,
        changeSummary,
        createdBy,
      })
    }
    await table.updateOne({ id: projectId }, { docs })
    return result
  })
}

/** Archon writes `{}` for no documents as well. */
function listOf(docs: Json): Json[] {
  if (Array.isArray(docs)) return docs
  if (Object.keys(asObject(docs)).length === 0) return []
  throw invalidInput('The docs of this project are not a list. Write a list with updateField first.', {
    column: 'docs',
  })
}

function indexOf(docs: readonly Json[], id: string): number {
  return docs.findIndex((doc) => asObject(doc).id === id)
}

function asObject(value: Json | undefined): { [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {}
}

function definedKeys(doc: { id: string; [key: string]: Json | undefined }): ProjectDoc {
  const defined: ProjectDoc = { id: doc.id }
  for (const [key, value] of Object.entries(doc)) if (value !== undefined) defined[key] = value
  return defined
}
