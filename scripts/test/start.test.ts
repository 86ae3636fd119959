import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { parseDocument } from '../start/documents.ts'
import { DIMENSION, embed } from '../start/embedder.ts'

const START = join(import.meta.dirname, '..', 'start.ts')
const folder = mkdtempSync(join(tmpdir(), 'archon-db-start-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function start(): string {
  // A database of somebody's own is none of the demonstration's business.
  const env = { PATH: process.env.PATH, DATABASE_URL: 'postgresql://127.0.0.1:1/real' }
  const run = spawnSync(process.execPath, ['--conditions=archon-db-source', START], {
    cwd: folder,
    env,
    encoding: 'utf8',
  })
  expect([run.status, run.stderr]).toEqual([0, ''])
  return run.stdout
}

describe('npm start', () => {
  test('makes a knowledge base, searches it three ways, and finds everything the second time', () => {
    const first = start()
    expect(first).toMatch(/^Database {3}\.\/archon\.db created: SQLite \(libSQL\) [\d.]+, \d+ migrations applied/m)
    expect(first).toMatch(/^Knowledge {2}(\d+) pages, \d+ chunks, \d+ code examples: \1 stored, 0 taken out/m)
    expect(first).toMatch(/^By nearness: .*\n(?: {2}-?0\.\d{3} {2}vector {3}\S+\.md › .+\n.+\n){3}/m)
    expect(first).toMatch(/^By words: .*\n(?: {2}\d\.\d{3} {2}keyword {2}\S+\.md › .+\n.+\n)+/m)
    expect(first).toMatch(/^By both: .*\n {2}0\.0\d\d {2}hybrid {3}\S+\.md › .+$/m)
    expect(first).toMatch(/^Project ".+" \(created\)\n {2}2 todo, 1 doing, 1 review, 1 done; draws on 1 source$/m)
    expect(readdirSync(folder).filter((name) => !/-(?:wal|shm)$/.test(name))).toEqual(['archon.db'])

    const second = start()
    expect(second).toMatch(/^Database {3}\.\/archon\.db opened: .*, all \d+ migrations in place/m)
    expect(second).toMatch(/^Knowledge {2}.*: nothing new since the last run/m)
    expect(second).toContain(' (found again)\n')
    const answers = (text: string) =>
      text.slice(text.indexOf('By nearness')).replace(/\(\d+ ms\)|\((?:created|found again)\)/g, '')
    expect(answers(second)).toBe(answers(first))
  })
})

describe('the embedder', () => {
  const cosine = (a: string, b: string) => embed(a).reduce((sum, value, at) => sum + value * (embed(b)[at] ?? 0), 0)

  test('gives the same unit vector each time', () => {
    const vector = embed('The connection pool of a database')
    expect(vector).toHaveLength(DIMENSION)
    expect([...vector]).toEqual([...embed('the CONNECTION pool of a database!')])
    expect(Math.hypot(...vector)).toBeCloseTo(1, 6)
    expect([...embed('of the')]).toEqual([1, ...Array(DIMENSION - 1).fill(0)])
  })

  test('brings texts near each other that share words or the pieces of them', () => {
    const apart = cosine('migrate the schema', 'a pool of connections')
    expect(cosine('migrate the schema', 'schema migrations')).toBeGreaterThan(0.4)
    expect(Math.abs(apart)).toBeLessThan(0.2)
  })
})

describe('documents', () => {
  const text =
    '# Title\n\nFirst paragraph.\n\n## Part\n\nSecond,\nstill second.\n\n```ts\n# not a heading\n\ncall()\n```\n\n## Next\n'

  test('are cut at headings, with what leads to each section', () => {
    const { title, sections } = parseDocument('a.md', text)
    expect(title).toBe('Title')
    expect(sections).toEqual([
      { headings: ['Title'], text: 'First paragraph.' },
      { headings: ['Title', 'Part'], text: 'Second,\nstill second.\n\n```ts\n# not a heading\n\ncall()\n```' },
    ])
  })

  test('give their code apart', () => {
    expect(parseDocument('a.md', text).code).toEqual([
      { language: 'ts', code: '# not a heading\n\ncall()', about: 'Part' },
    ])
  })

  test('long sections become several, and no text is lost', () => {
    const paragraphs = Array.from({ length: 9 }, (_, at) => `${at} ${'word '.repeat(80)}`.trim())
    const { sections } = parseDocument('a.md', `# Title\n\n${paragraphs.join('\n\n')}\n`)
    expect(sections).toHaveLength(5)
    expect(sections.flatMap((section) => section.text.split('\n\n'))).toEqual(paragraphs)
  })
})
