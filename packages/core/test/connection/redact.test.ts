import { expect, test } from 'vitest'
import { redactUrl } from '../../src/connection/redact.ts'

test.each([
  ['postgres://u:p@h:5/d', 'postgres://u:***@h:5/d'],
  ['postgres://u@h/d?sslmode=require', 'postgres://u@h/d?sslmode=require'],
  ['mysql://u:p@h/d?ssl-key=abc&charset=utf8', 'mysql://u:***@h/d?ssl-key=***&charset=utf8'],
  ['libsql://h?authToken=abc', 'libsql://h?authToken=***'],
  ['postgres://u:p/q@h/d', 'postgres://***'],
  ['file:archon.db', 'file:archon.db'],
  ['pglite:./data', 'pglite:./data'],
  [':memory:', ':memory:'],
])('%s', (url, shown) => {
  expect(redactUrl(url)).toBe(shown)
})
