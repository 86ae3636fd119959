import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import type { RunReport } from '../src/harness/results.ts'

const CLI = join(import.meta.dirname, '../src/cli.ts')
const folder = mkdtempSync(join(tmpdir(), 'archon-db-cli-'))
afterAll(() => rmSync(folder, { recursive: true }))

function cli(...args: string[]): { status: number | null; out: string; err: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--conditions=archon-db-source', CLI, ...args], {
    encoding: 'utf8',
  })
  return { status, out: stdout, err: stderr }
}

const SOME = ['--backend', 'model', '--filter', 'differential/reads', '--seed', '9']

describe('the command', { timeout: 60_000 }, () => {
  it('runs what was chosen, ends in the counts, and writes every report', () => {
    const [json, html, markdown] = ['r.json', 'r.html', 'r.md'].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ]
    const { status, out } = cli(...SOME, '--json', json, '--html', html, '--matrix-md', markdown)
    expect([status, out.trimEnd().split('\n').at(-1)]).toEqual([0, '1 passed, 0 failed, 0 skipped'])
    const report = JSON.parse(readFileSync(json, 'utf8')) as RunReport
    expect(report).toMatchObject({ format: 1, seed: 9, summary: { passed: 1, failed: 0, skipped: 0, notRun: 0 } })
    expect(report.backends[0]?.behaviours[0]).toMatchObject({ id: 'differential/reads', outcome: 'passed' })
    expect(readFileSync(html, 'utf8')).toContain('<!doctype html>')
    expect(readFileSync(markdown, 'utf8')).toContain('| differential |')
  })

  it('lists behaviours without running any', () => {
    const { status, out } = cli('--list', '--suite', 'differential')
    expect([status, out.trim().split('\n')]).toEqual([
      0,
      ['differential/reads', 'differential/writes', 'differential/transactions'],
    ])
  })

  it('takes the suites that belong together by what their names begin with', () => {
    const { out } = cli('--list', '--suite', 'vector')
    const suites = new Set(
      out
        .trim()
        .split('\n')
        .map((id) => id.split('/')[0]),
    )
    expect([...suites]).toEqual(['vector', 'vector-index', 'vector-store'])
  })

  it.each([
    ['a suite', ['--suite', 'vec'], 'no suite vec'],
    ['a backend', ['--backend', 'nothing'], 'no backend nothing'],
    ['a filter', ['--filter', 'matches-nothing-at-all'], 'matches-nothing-at-all'],
    ['an option', ['--nothing'], '--nothing'],
  ])('says which %s it does not know, and what there is', (_what, args, message) => {
    const { status, err } = cli(...args)
    expect(status).toBe(2)
    expect(err).toContain(message)
  })
})
