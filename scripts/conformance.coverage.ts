import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { CONFORMANCE, ROOT } from './checks/tools.ts'
import { COVERED, wantedPackages } from './covered-packages.ts'

const HALF_AN_HOUR = 1_800_000

/** Most of core and of a dialect is tested by what callers see, so `pnpm coverage` counts that too. */
test('the conformance suite passes on the backends of what is counted', { timeout: HALF_AN_HOUR }, () => {
  const args = [
    '--conditions=archon-db-source',
    CONFORMANCE,
    '--backend',
    wantedPackages()
      .flatMap((name) => COVERED[name])
      .join(),
    '--jobs',
    '3',
  ]
  expect(spawnSync(process.execPath, args, { cwd: ROOT, stdio: 'inherit' }).status).toBe(0)
})
