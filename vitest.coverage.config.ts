import { defineConfig, mergeConfig } from 'vitest/config'
import { wantedPackages } from './scripts/covered-packages.ts'
import base from './vitest.config.ts'

/** The unit tests, and the conformance suite on the package's backends as a process of its own. */
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
        include: ['core', ...wantedPackages()].map((name) => `packages/${name}/src/**/*.ts`),
        reporter: ['text-summary', 'html', 'json-summary'],
        reportsDirectory: 'coverage',
      },
    },
  }),
)
