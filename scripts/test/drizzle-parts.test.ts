import { expect, test } from 'vitest'
import { commonjsOf } from '../drizzle-parts.ts'

test('a module that hands on parts of Drizzle does so through CommonJS', () => {
  const module = `/** Comments are left out. */
// This one too.
export { check } from 'drizzle-orm/pg-core/checks';
export { integer, PgInteger } from 'drizzle-orm/pg-core/columns/integer';
//# sourceMappingURL=parts.js.map`
  expect(commonjsOf(module, 'parts.cjs')).toEqual({
    commonjs: `'use strict'
exports.check = require('drizzle-orm/pg-core/checks').check
exports.integer = require('drizzle-orm/pg-core/columns/integer').integer
exports.PgInteger = require('drizzle-orm/pg-core/columns/integer').PgInteger
`,
    module: "export { check, integer, PgInteger } from './parts.cjs'\n",
  })
})

test.each([
  ['', 'nothing'],
  ["export { a } from './a.js';", 'a file of its own'],
  ["export { a } from 'drizzle-orm/a';\nexport const b = 1;", 'something else too'],
  ["export * from 'drizzle-orm/a';", 'names that Node could not read'],
  ["export { a } from './parts.cjs'\n", 'what was made before'],
])('%o stays as it is: it hands on %s', (module) => {
  expect(commonjsOf(module, 'parts.cjs')).toBeUndefined()
})
