import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const CLI = 'apps/conformance/src/cli.ts'
const TEN_MINUTES = 600_000

/** Most of core and of a dialect is tested by what callers see, so `pnpm coverage` counts that too. */
test('the conformance suite passes on the embedded database', { timeout: TEN_MINUTES }, () => {
  const cwd = join(import.meta.dirname, '..')
  const args = ['--conditions=archon-db-source', CLI, '--backend', 'sqlite']
  expect(spawnSync(process.execPath, args, { cwd, stdio: 'inherit' }).status).toBe(0)
})
