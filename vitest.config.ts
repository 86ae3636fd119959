import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    // What hangs is found out all the same, and a busy machine is no failure.
    testTimeout: 30_000,
    hookTimeout: 60_000,
    include: ['{packages,apps}/*/test/**/*.test.ts', 'scripts/test/**/*.test.ts'],
    // Node itself loads tests and sources, as it does everywhere else here: no second way to resolve or transform.
    experimental: { viteModuleRunner: false },
    execArgv: ['--conditions=archon-db-source'],
  },
})
