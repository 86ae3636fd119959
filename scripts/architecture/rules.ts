/** What may know what. Each rule reads the workspace and returns what breaks it. */
import { existsSync, readdirSync } from 'node:fs'
import { join, posix } from 'node:path'
import { lineOf } from './code.ts'
import type { SourceFile, Unit } from './workspace.ts'

export interface Finding {
  readonly rule: string
  readonly path: string
  readonly line?: number
  readonly message: string
}

type Rule = (units: readonly Unit[], root: string) => Finding[]

const CORE = 'packages/core'
const DIALECTS = ['packages/pg', 'packages/mysql', 'packages/sqlite']
const DIALECT_NEEDS = ['@archon-db/core', '@archon-db/vector/local']

/** What each package may import of this workspace: itself and what stands here. Applications may import everything. */
const LAYERS: Readonly<Record<string, readonly string[]>> = {
  'packages/core': [],
  'packages/vector': ['@archon-db/core'],
  'packages/pg': DIALECT_NEEDS,
  'packages/mysql': DIALECT_NEEDS,
  'packages/sqlite': DIALECT_NEEDS,
  'packages/cli': ['@archon-db/core', '@archon-db/vector', '@archon-db/pg', '@archon-db/mysql', '@archon-db/sqlite'],
}

/** Everything core may import that is neither its own nor Node's. */
const CORE_LIBRARIES = ['drizzle-orm']

/** The one package that may import each driver, or the part of Drizzle made for one. */
const DRIVER_OWNERS: Readonly<Record<string, string>> = {
  // The measure of speed, and what looks at stored rows from outside.
  postgres: 'apps/conformance',
  '@electric-sql/pglite': 'packages/pg',
  '@electric-sql/pglite-pgvector': 'packages/pg',
  'drizzle-orm/pg-core': 'packages/pg',
  'drizzle-orm/postgres-js': 'packages/pg',
  'drizzle-orm/pglite': 'packages/pg',
  mysql2: 'packages/mysql',
  'drizzle-orm/mysql-core': 'packages/mysql',
  'drizzle-orm/mysql2': 'packages/mysql',
  '@libsql/client': 'packages/sqlite',
  libsql: 'packages/sqlite',
  'drizzle-orm/sqlite-core': 'packages/sqlite',
  'drizzle-orm/libsql': 'packages/sqlite',
  usearch: 'packages/vector',
  chromadb: 'packages/vector',
  'weaviate-client': 'packages/vector',
  '@pinecone-database/pinecone': 'packages/vector',
}

/** Where the user's word for a database is turned into an adapter; nobody else compares such words. */
const CHOOSES_ADAPTER = ['packages/core/src/connection/', 'packages/cli/src/']
const DIALECT_WORD = 'postgres|postgresql|pg|mysql|mariadb|sqlite|libsql|pglite|supabase'
const COMPARISON = new RegExp(
  `(?:[!=]==?|\\bcase)\\s*(['"\`])(?:${DIALECT_WORD})\\1|(['"\`])(?:${DIALECT_WORD})\\2\\s*[!=]==?`,
  'g',
)
const NAME_TEST =
  /\b(?:dialect|traits|adapter|backend|engine|capabilities)\??\.name\s*(?:[!=]==?|\))|[!=]==?\s*[\w.]*\b(?:dialect|traits|adapter|backend|engine|capabilities)\??\.name\b/g
const DIALECT_IN_CORE = /postgres|mysql|mariadb|sqlite|libsql|pglite|\bpg\b|\bpg_/gi
/** Of values; `import type` leaves nothing behind. */
const DRIZZLE_IMPORT = /^import\s+(?!type\b)[^'"]*['"]drizzle-orm[^'"]*['"]/gm
const CAST = /\bas\s+(?:any|never|unknown\s+as)\b/g

const DIALECT_FILES = [
  'drizzle',
  'drizzle.config.ts',
  'src/connect.ts',
  'src/dialect.ts',
  'src/drizzle-core.ts',
  'src/errors.ts',
  'src/index.ts',
  'src/migrations.ts',
  'src/session.ts',
  'src/columns.ts',
  'src/schema.ts',
  'src/tables.check.ts',
  'src/tables.ts',
]

const RULES: readonly Rule[] = [
  layers,
  closedPackages,
  coreLibraries,
  drivers,
  drizzleParts,
  dialectNames,
  casts,
  sameFiles,
]

export function checkArchitecture(units: readonly Unit[], root: string): Finding[] {
  return RULES.flatMap((rule) => rule(units, root))
}

/** apps → cli → pg | mysql | sqlite → vector/local → core, in imports and in package.json. */
function layers(units: readonly Unit[]): Finding[] {
  const names = units.map((unit) => unit.name)
  return units.filter(isPackage).flatMap((unit) => {
    const allowed = LAYERS[unit.folder]
    const manifest = `${unit.folder}/package.json`
    if (allowed === undefined) {
      return [{ rule: 'layers', path: manifest, message: 'LAYERS does not say where this package stands.' }]
    }
    const used = unit.files.flatMap((file) => file.imports.map((found) => ({ ...found, path: file.path })))
    const imported = used
      .filter(({ specifier }) => ownerAmong(names, specifier) && !isWithin([unit.name, ...allowed], specifier))
      .map(({ specifier, line, path }) => ({ rule: 'layers', path, line, message: `may not import ${specifier}.` }))
    const declared = unit.dependencies
      .filter((name) => names.includes(name) && !allowed.some((other) => packageOf(other) === name))
      .map((name) => ({ rule: 'layers', path: manifest, message: `may not depend on ${name}.` }))
    return [...imported, ...declared]
  })
}

/** A package is entered through its exports map: no path leads from one into another's files. */
function closedPackages(units: readonly Unit[]): Finding[] {
  return eachImport(units, (specifier, file, unit) => {
    // Tests may look into another package: they are not shipped.
    const tested = !isSource(file, unit) && isPackage(unit)
    const leaves =
      !tested && specifier.startsWith('.') && !inside(unit.folder, posix.join(posix.dirname(file.path), specifier))
    const owner = ownerAmong(
      units.map((other) => other.name),
      specifier,
    )
    const deep = owner !== undefined && /^\/(?:src|dist)(?:\/|$)/.test(specifier.slice(owner.length))
    return leaves || deep
      ? { rule: 'closed-packages', message: `${specifier} reaches past an exports map.` }
      : undefined
  })
}

function coreLibraries(units: readonly Unit[]): Finding[] {
  const core = units.filter((unit) => unit.folder === CORE)
  const sources = core.map((unit) => ({ ...unit, files: unit.files.filter((file) => isSource(file, unit)) }))
  return eachImport(sources, (specifier, _file, unit) => {
    if (/^(?:\.|node:)/.test(specifier) || isWithin([unit.name, ...CORE_LIBRARIES], specifier)) return undefined
    return { rule: 'core-libraries', message: `core may not import ${specifier}.` }
  })
}

function drivers(units: readonly Unit[]): Finding[] {
  return eachImport(units.filter(isPackage), (specifier, _file, unit) => {
    const driver = ownerAmong(Object.keys(DRIVER_OWNERS), specifier)
    if (driver === undefined || DRIVER_OWNERS[driver] === unit.folder) return undefined
    return { rule: 'drivers', message: `${specifier} belongs to ${DRIVER_OWNERS[driver]} alone.` }
  })
}

/** Parts of Drizzle are handed on by modules that do nothing else: the build makes those quick to load. */
function drizzleParts(units: readonly Unit[]): Finding[] {
  const files = units.filter(isPackage).flatMap((unit) => unit.files.filter((file) => isSource(file, unit)))
  const others = files.filter((file) => !file.path.endsWith('/src/drizzle.ts'))
  return eachMatch(
    others,
    DRIZZLE_IMPORT,
    'drizzle-parts',
    () => 'Drizzle is imported by way of a module that hands it on.',
  )
}

/** Shared code asks what an engine can do, never which one it is. */
function dialectNames(units: readonly Unit[]): Finding[] {
  const shared = units.filter((unit) => !DIALECTS.includes(unit.folder)).flatMap((unit) => unit.files)
  const elsewhere = shared.filter((file) => !CHOOSES_ADAPTER.some((prefix) => file.path.startsWith(prefix)))
  const core = elsewhere.filter((file) => file.path.startsWith(`${CORE}/src/`))
  const say = (text: string) => `\`${text}\`: ask for a capability instead of a name.`
  return [
    ...eachMatch(shared, NAME_TEST, 'dialect-names', say),
    ...eachMatch(elsewhere, COMPARISON, 'dialect-names', say),
    ...eachMatch(core, DIALECT_IN_CORE, 'dialect-names', (text) => `core names no dialect: \`${text}\`.`),
  ]
}

/** Types are bent where a driver is met, in the dialect's files that import it, and nowhere else. */
function casts(units: readonly Unit[]): Finding[] {
  const files = units
    .filter((unit) => unit.folder === CORE || unit.folder === 'packages/cli' || DIALECTS.includes(unit.folder))
    .flatMap((unit) => unit.files.filter((file) => isSource(file, unit)))
    .filter((file) => !meetsDriver(file))
  return eachMatch(
    files,
    CAST,
    'casts',
    (text) => `\`${text}\`: only where a dialect meets its driver may be cast like this.`,
  )
}

function meetsDriver(file: SourceFile): boolean {
  const dialect = DIALECTS.find((folder) => file.path.startsWith(`${folder}/src/`))
  return (
    dialect !== undefined &&
    file.imports.some(
      ({ specifier }) => DRIVER_OWNERS[ownerAmong(Object.keys(DRIVER_OWNERS), specifier) ?? ''] === dialect,
    )
  )
}

/** Two dialects can be read side by side: each has the same main files, beside what only its driver needs. */
function sameFiles(units: readonly Unit[], root: string): Finding[] {
  const built = units.filter(
    (unit) => DIALECTS.includes(unit.folder) && existsSync(join(root, unit.folder, 'src/index.ts')),
  )
  const found = built.map((unit) => ({ unit, files: topFiles(join(root, unit.folder)) }))
  return found.flatMap(({ unit, files }) =>
    DIALECT_FILES.filter((name) => !files.includes(name)).map((name) => ({
      rule: 'same-files',
      path: `${unit.folder}/${name}`,
      message: 'is missing; each dialect has it.',
    })),
  )
}

function topFiles(folder: string): string[] {
  const sources = readdirSync(join(folder, 'src'), { withFileTypes: true })
  const names = sources.filter((entry) => entry.isFile()).map((entry) => `src/${entry.name}`)
  return [...names, ...['drizzle', 'drizzle.config.ts'].filter((name) => existsSync(join(folder, name)))]
}

function eachImport(
  units: readonly Unit[],
  check: (specifier: string, file: SourceFile, unit: Unit) => Pick<Finding, 'rule' | 'message'> | undefined,
): Finding[] {
  return units.flatMap((unit) =>
    unit.files.flatMap((file) =>
      file.imports.flatMap(({ specifier, line }) => {
        const problem = check(specifier, file, unit)
        return problem ? [{ ...problem, path: file.path, line }] : []
      }),
    ),
  )
}

function eachMatch(
  files: readonly SourceFile[],
  pattern: RegExp,
  rule: string,
  say: (text: string) => string,
): Finding[] {
  return files.flatMap((file) =>
    [...file.code.matchAll(pattern)].map((match) => ({
      rule,
      path: file.path,
      line: lineOf(file.code, match.index),
      message: say(match[0].trim()),
    })),
  )
}

function isPackage(unit: Unit): boolean {
  return unit.folder.startsWith('packages/')
}

function isSource(file: SourceFile, unit: Unit): boolean {
  return file.path.startsWith(`${unit.folder}/src/`)
}

/** `@archon-db/core` for itself and for each of its subpaths. */
function ownerAmong(names: readonly string[], specifier: string): string | undefined {
  return names.find((name) => isWithin([name], specifier))
}

function isWithin(names: readonly string[], specifier: string): boolean {
  return names.some((name) => specifier === name || specifier.startsWith(`${name}/`))
}

function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
}

function inside(folder: string, path: string): boolean {
  return path.startsWith(`${folder}/`)
}
