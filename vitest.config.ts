import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['{packages,apps}/*/test/**/*.test.ts', 'scripts/test/**/*.test.ts'],
    // Node itself loads tests and sources, as it does everywhere else here: no second way to resolve or transform.
    experimental: { viteModuleRunner: false },
    execArgv: ['--conditions=archon-db-source'],
  },
})
