import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { CONFORMANCE, ROOT } from './checks/tools.ts'

const TEN_MINUTES = 600_000

/** Most of core and of a dialect is tested by what callers see, so `pnpm coverage` counts that too. */
test('the conformance suite passes on the embedded database', { timeout: TEN_MINUTES }, () => {
  const args = ['--conditions=archon-db-source', CONFORMANCE, '--backend', 'sqlite']
  expect(spawnSync(process.execPath, args, { cwd: ROOT, stdio: 'inherit' }).status).toBe(0)
})
