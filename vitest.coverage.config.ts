import { defineConfig, mergeConfig } from 'vitest/config'
import base from './vitest.config.ts'

/** The unit tests, and the conformance suite on the embedded database as a process of its own. */
export default mergeConfig(
  base,
  defineConfig({
    test: {
      include: ['scripts/*.coverage.ts'],
      coverage: {
        enabled: true,
        provider: 'v8',
        autoAttachSubprocess: true,
        reportOnFailure: true,
        include: ['packages/core/src/**/*.ts', 'packages/sqlite/src/**/*.ts'],
        reporter: ['text-summary', 'html', 'json-summary'],
        reportsDirectory: 'coverage',
      },
    },
  }),
)
