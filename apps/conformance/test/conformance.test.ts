import { describe, expect, it } from 'vitest'
import { model } from '../src/backends/model.ts'
import { sqlite, sqliteMemory } from '../src/backends/sqlite.ts'
import { runBackend } from '../src/harness/run.ts'
import { SUITES } from '../src/suites/index.ts'

const measured = process.env.COVERAGE === '1'
const SEED = 1

/** The suites once more inside vitest, so that what they reach counts as covered. `pnpm conformance` is the real run. */
if (measured) {
  describe.each([model, sqliteMemory, sqlite])(`conformance on $label, seed ${SEED}`, (backend) => {
    it.each(SUITES)('$name', { timeout: 600_000 }, async (suite) => {
      const { behaviours } = await runBackend(backend, [suite], { seed: SEED })
      const failed = behaviours.filter(({ outcome }) => outcome === 'failed')
      expect(failed.map(({ id, error }) => `${id}: ${error?.message}`)).toEqual([])
    })
  })
} else {
  // biome-ignore lint/suspicious/noSkippedTests: `pnpm conformance` runs the same outside vitest
  it.skip('conformance counts as covered with COVERAGE=1 only', () => {})
}
