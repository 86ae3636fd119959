import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const root = fileURLToPath(new URL('../../../', import.meta.url))
const RUNNABLE = /<!-- run -->\n```ts\n([\s\S]*?)```/g

/** What the guides promise to print, in order. */
const PRINTED: Record<string, string[]> = {
  'README.md': ['Write the guide', "[ { title: 'b', task_order: 3 }, { title: 'a', task_order: 1 } ] 2"],
  'docs/getting-started.md': [
    'hybrid 0.0328 How the connection pool grows\nvector 0.0161 When to close it',
    '0',
    '45',
    'A row with this key is stored already. Update it, or use upsert. (table archon_settings, column key, constraint archon_settings_key_key)',
  ],
}

let folder: string

beforeAll(() => {
  // Inside the package, so that `archon-db` resolves to it.
  folder = mkdtempSync(join(fileURLToPath(new URL('.', import.meta.url)), 'tmp-docs-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe.each(Object.entries(PRINTED))('%s', (file, expected) => {
  const examples = [...readFileSync(join(root, file), 'utf8').matchAll(RUNNABLE)].map((match) => match[1] as string)

  test('has as many examples as are checked here', () => {
    expect(examples).toHaveLength(expected.length)
  })

  test.each(expected.map((text, i) => [i + 1, text] as const))('example %i runs as it stands', (number, printed) => {
    const path = join(folder, `${file.replaceAll('/', '-')}-${number}.ts`)
    writeFileSync(path, examples[number - 1] as string)
    const { status, stdout, stderr } = spawnSync(process.execPath, ['--conditions=archon-db-source', path], {
      encoding: 'utf8',
      env: { ...process.env, NO_COLOR: '1', DATABASE_URL: '' },
    })
    expect(stderr).toBe('')
    expect(stdout.trim()).toBe(printed)
    expect(status).toBe(0)
  })
})
