import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'

const ROOT = join(import.meta.dirname, '..', '..')
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8')

test('the lockfile holds no address, so that it works with every registry', () => {
  expect(read('pnpm-lock.yaml').match(/^.*(?:https?:\/\/|tarball:).*$/gm)).toBeNull()
})

describe.each(globSync('packages/*/package.json', { cwd: ROOT }).sort())('%s', (path) => {
  const manifest = JSON.parse(read(path))

  test('is an ES module without side effects, free to publish', () => {
    expect(manifest).toMatchObject({
      type: 'module',
      sideEffects: false,
      license: 'Apache-2.0',
      publishConfig: { access: 'public' },
      engines: { node: '>=22.12', bun: '>=1.4' },
    })
  })

  test('has a closed exports map: source first for this workspace, then types, then code', () => {
    const entries = Object.entries<Record<string, string>>(manifest.exports).filter(
      ([name]) => name !== './package.json',
    )
    expect(entries.length).toBeGreaterThan(0)
    for (const [name, conditions] of entries) {
      expect(name).not.toContain('*')
      const source = conditions['archon-db-source'] ?? ''
      const built = source.replace('./src/', './dist/').replace(/\.ts$/, '')
      expect(Object.entries(conditions)).toEqual([
        ['archon-db-source', source],
        ['types', `${built}.d.ts`],
        ['default', `${built}.js`],
      ])
    }
  })

  test('publishes what its exports name, and no build state', () => {
    expect(manifest.files).toEqual(expect.arrayContaining(['dist', '!dist/*.tsbuildinfo', 'src']))
  })
})
