import { existsSync, readdirSync } from 'node:fs'
import type { KnipConfig } from 'knip'

/** A package without an entry file is only begun: nothing can be dead in it yet. */
const begun = readdirSync('packages').filter((name) => !existsSync(`packages/${name}/src/index.ts`))

const config: KnipConfig = {
  workspaces: {
    '.': {
      entry: ['scripts/*.{ts,mjs}', 'scripts/test/*.test.ts'],
      project: ['scripts/**'],
      // Started through turbo in each package, as a runtime for one smoke test, and found by drizzle-kit at the root.
      ignoreDependencies: ['publint', '@arethetypeswrong/cli', 'bun', 'turbo', 'drizzle-orm'],
    },
    // Workers and the programs that tests kill are started by path.
    'packages/*': {
      entry: ['test/**/*.test.ts', 'test/crash-*.ts', 'src/**/*.check.ts', 'src/**/*-worker.ts'],
      project: ['{src,test}/**/*.ts'],
    },
    'apps/conformance': {
      entry: ['src/{cli,job,bench,published,servers/cli}.ts', 'test/**/*.test.ts'],
      project: ['{src,test}/**/*.ts'],
    },
  },
  ignoreExportsUsedInFile: { interface: true, type: true },
  ignoreWorkspaces: begun.map((name) => `packages/${name}`),
}

export default config
