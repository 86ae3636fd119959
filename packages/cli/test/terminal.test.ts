import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Terminal } from '../src/terminal.ts'

let written = ''
beforeEach(() => {
  written = ''
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    written += text
    return true
  })
})
afterEach(() => {
  vi.restoreAllMocks()
})

test.each([
  // A short secret may be an ordinary word: it is hidden where secrets stand, and left alone in the text.
  ['archon', 'archon-db archon_tasks ./archon.db', 'archon-db archon_tasks ./archon.db'],
  ['archon', "postgres://u:archon@h password: 'archon', key=archon&x", "postgres://u:***@h password: '***', key=***&x"],
  ['y', 'by any key=y', 'by any key=***'],
  ['a.very.long+token(1)', 'xa.very.long+token(1)x', 'x***x'],
  ['a.very.long+token(1)', 'aXvery.long+token(1)', 'aXvery.long+token(1)'],
])('with the secret %j, %j is written as %j', (secret, text, shown) => {
  const terminal = new Terminal({})
  terminal.hide([secret])
  terminal.line(text)
  expect(written).toBe(`${shown}\n`)
})

test.each([
  [{}, false],
  [{ FORCE_COLOR: '1' }, true],
  [{ FORCE_COLOR: '0' }, false],
  [{ FORCE_COLOR: '1', NO_COLOR: '1' }, false],
  [{ FORCE_COLOR: '1', NO_COLOR: '' }, true],
])('colours with %j: %j', (env, coloured) => {
  const terminal = new Terminal(env)
  expect(terminal.style('red', 'x')).toBe(coloured ? '\u001b[31mx\u001b[39m' : 'x')
  terminal.withoutColours()
  expect(terminal.style('red', 'x')).toBe('x')
})
