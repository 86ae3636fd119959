import { existsSync, globSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Import, importsOf, withoutComments } from './code.ts'

export interface SourceFile {
  /** From the root of the workspace, with forward slashes. */
  readonly path: string
  /** The text without its comments. */
  readonly code: string
  readonly imports: readonly Import[]
}

export interface Unit {
  readonly name: string
  /** `packages/core`, `apps/conformance` … */
  readonly folder: string
  readonly dependencies: readonly string[]
  readonly files: readonly SourceFile[]
}

const GROUPS = ['packages', 'apps']
const DEPENDENCY_FIELDS = ['dependencies', 'devDependencies', 'peerDependencies', 'optionalDependencies']

export function readWorkspace(root: string): Unit[] {
  return GROUPS.filter((group) => existsSync(join(root, group)))
    .flatMap((group) => readdirSync(join(root, group)).map((name) => `${group}/${name}`))
    .filter((folder) => existsSync(join(root, folder, 'package.json')))
    .map((folder) => readUnit(root, folder))
}

function readUnit(root: string, folder: string): Unit {
  const manifest = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'))
  const paths = globSync('{src,test}/**/*.ts', { cwd: join(root, folder) }).sort()
  return {
    name: manifest.name,
    folder,
    dependencies: DEPENDENCY_FIELDS.flatMap((field) => Object.keys(manifest[field] ?? {})),
    files: paths.map((path) => readSource(root, `${folder}/${path.replaceAll('\\', '/')}`)),
  }
}

function readSource(root: string, path: string): SourceFile {
  const code = withoutComments(readFileSync(join(root, path), 'utf8'))
  return { path, code, imports: importsOf(code) }
}
