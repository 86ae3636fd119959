import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { importsOf, withoutComments } from '../architecture/code.ts'
import { checkArchitecture } from '../architecture/rules.ts'
import { readWorkspace } from '../architecture/workspace.ts'

const folders: string[] = []

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true })
})

const SOUND: Readonly<Record<string, string>> = {
  'packages/core/package.json': '{ "name": "@archon-db/core", "dependencies": { "drizzle-orm": "1" } }',
  'packages/core/src/index.ts': "export { sql } from 'drizzle-orm'\nimport { join } from 'node:path'\n",
  'packages/sqlite/package.json':
    '{ "name": "@archon-db/sqlite", "dependencies": { "@archon-db/core": "workspace:*" } }',
  'packages/sqlite/src/index.ts': "export { connect } from './connect.ts'\n",
  'packages/sqlite/src/connect.ts': "import { createClient } from '@libsql/client'\nconst own = name === 'sqlite'\n",
  'packages/sqlite/src/session.ts': "import 'libsql'\nconst row = raw as unknown as Row\n",
  'packages/sqlite/src/columns.ts': '',
  'packages/sqlite/src/schema.ts': '',
  'packages/sqlite/src/tables.check.ts': '',
  'packages/sqlite/src/dialect.ts': '',
  'packages/sqlite/src/drizzle-core.ts': '',
  'packages/sqlite/src/errors.ts': '',
  'packages/sqlite/src/migrations.ts': '',
  'packages/sqlite/src/tables.ts': '',
  'packages/sqlite/drizzle/0000_init.sql': '',
  'packages/sqlite/drizzle.config.ts': '',
  'packages/vector/package.json': '{ "name": "@archon-db/vector" }',
  'packages/pg/package.json': '{ "name": "@archon-db/pg" }',
  'packages/cli/package.json': '{ "name": "archon-db", "dependencies": { "@archon-db/sqlite": "workspace:*" } }',
  'packages/cli/src/connect.ts': "if (type === 'sqlite') await import('@archon-db/sqlite')\n",
  'apps/conformance/package.json': '{ "name": "@archon-db/conformance" }',
  'apps/conformance/src/cli.ts': "import { connect } from 'archon-db'\nimport mysql from 'mysql2/promise'\n",
}

/** The sound workspace with some files replaced or added, or taken away with `null`. */
function findings(changes: Readonly<Record<string, string | null>>): string[] {
  const root = mkdtempSync(join(tmpdir(), 'architecture-'))
  folders.push(root)
  for (const [path, text] of Object.entries({ ...SOUND, ...changes })) {
    if (text === null) continue
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  return checkArchitecture(readWorkspace(root), root).map(({ rule, path, line }) => `${rule} ${path}:${line ?? '-'}`)
}

test('a sound workspace has no findings', () => {
  expect(findings({})).toEqual([])
})

const CORE = 'packages/core/src/broken.ts'
const SQLITE = 'packages/sqlite/src/connect.ts'
const CONFORMANCE = 'apps/conformance/src/broken.ts'

const BROKEN: readonly [title: string, changes: Record<string, string | null>, expected: string[]][] = [
  [
    'core imports a driver',
    { [CORE]: "\nimport type { Sql } from 'postgres'\n" },
    [`core-libraries ${CORE}:2`, `drivers ${CORE}:2`, `dialect-names ${CORE}:2`],
  ],
  [
    'core imports the part of Drizzle made for one dialect',
    { [CORE]: "export { index } from 'drizzle-orm/sqlite-core'" },
    [`drivers ${CORE}:1`, `dialect-names ${CORE}:1`],
  ],
  [
    'parts of Drizzle are imported where they are used',
    { [CORE]: "import type { SQL } from 'drizzle-orm'\nimport { sql } from 'drizzle-orm/sql/sql'" },
    [`drizzle-parts ${CORE}:2`],
  ],
  [
    'core imports a library that nobody agreed on',
    { [CORE]: "const left = await import('left-pad')" },
    [`core-libraries ${CORE}:1`],
  ],
  [
    'core imports a dialect package',
    { [CORE]: "export * from '@archon-db/sqlite'" },
    [`layers ${CORE}:1`, `core-libraries ${CORE}:1`, `dialect-names ${CORE}:1`],
  ],
  ['a dialect imports another', { [SQLITE]: "import '@archon-db/pg/tables'" }, [`layers ${SQLITE}:1`]],
  [
    'a dialect imports more of vector than local',
    { [SQLITE]: "import '@archon-db/vector'\nimport '@archon-db/vector/local'" },
    [`layers ${SQLITE}:1`],
  ],
  [
    'a package declares a dependency upwards',
    { 'packages/core/package.json': '{ "name": "@archon-db/core", "devDependencies": { "@archon-db/sqlite": "*" } }' },
    ['layers packages/core/package.json:-'],
  ],
  [
    'a package nobody placed',
    { 'packages/extra/package.json': '{ "name": "extra" }' },
    ['layers packages/extra/package.json:-'],
  ],
  ["a dialect uses another's driver", { [SQLITE]: "import mysql from 'mysql2/promise'" }, [`drivers ${SQLITE}:1`]],
  [
    "a path into another package's files",
    { [SQLITE]: "import '../../core/src/index.ts'" },
    [`closed-packages ${SQLITE}:1`],
  ],
  [
    'a deep import past the exports map',
    { [CONFORMANCE]: "import '@archon-db/core/src/errors.ts'" },
    [`closed-packages ${CONFORMANCE}:1`],
  ],
  ['shared code compares a word', { [CONFORMANCE]: "if (kind !== 'mysql') {}" }, [`dialect-names ${CONFORMANCE}:1`]],
  ['shared code switches on a word', { [CONFORMANCE]: "\n\n  case 'postgres':" }, [`dialect-names ${CONFORMANCE}:3`]],
  [
    'shared code asks for a name',
    { [CONFORMANCE]: 'if (db.dialect.name === other) {}' },
    [`dialect-names ${CONFORMANCE}:1`],
  ],
  ['shared code switches on a name', { [CONFORMANCE]: 'switch (traits.name) {}' }, [`dialect-names ${CONFORMANCE}:1`]],
  ['core names a dialect in a string', { [CORE]: "const hint = 'works on MySQL only'" }, [`dialect-names ${CORE}:1`]],
  [
    'a cast in a file of a dialect that meets no driver',
    { 'packages/sqlite/src/errors.ts': 'const a = b as unknown as C\nconst d = e as any' },
    ['casts packages/sqlite/src/errors.ts:1', 'casts packages/sqlite/src/errors.ts:2'],
  ],
  ['a cast in core', { [CORE]: 'const a = b as never' }, [`casts ${CORE}:1`]],
  ['a dialect lacks a file', { 'packages/sqlite/src/errors.ts': null }, ['same-files packages/sqlite/src/errors.ts:-']],
]

describe('what it finds', () => {
  test.each(BROKEN)('%s', (_title, changes, expected) => {
    expect(findings(changes)).toEqual(expected)
  })
})

describe('reading code', () => {
  test('comments are blanked, strings, templates and regular expressions kept, lines counted right', () => {
    const text = [
      "const a = 'http://x' // as any",
      '/* as any',
      '   as any */ const b = `// ${/* gone */ `/* ${1} */`} //` // gone',
      'const c = /[/\'"]\\/\\/`/.test(a) // gone',
      'const d = 4 / 2 // gone',
      "const e = 'it\\'s // kept'",
    ].join('\n')
    expect(
      withoutComments(text)
        .split('\n')
        .map((line) => line.trimEnd()),
    ).toEqual([
      "const a = 'http://x'",
      '',
      '             const b = `// ${           `/* ${1} */`} //`',
      'const c = /[/\'"]\\/\\/`/.test(a)',
      'const d = 4 / 2',
      "const e = 'it\\'s // kept'",
    ])
  })

  test('a block inside a template does not end the template', () => {
    const text = '`${list.map((x) => { return x })} // kept`'
    expect(withoutComments(text)).toBe(text)
  })

  test('every way to import is seen', () => {
    const code = [
      "import a from 'one'",
      "import type { B } from 'two'",
      "export * from 'three'",
      "import 'four'",
      "await import('five')",
      "require.resolve('six')",
      "import {\n  c,\n} from 'seven'",
    ].join('\n')
    expect(importsOf(code).map((found) => found.specifier)).toEqual([
      'one',
      'two',
      'three',
      'four',
      'five',
      'six',
      'seven',
    ])
  })
})
