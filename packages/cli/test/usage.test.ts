import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { COMMANDS } from '../src/commands/index.ts'
import { main } from '../src/main.ts'

let [out, err] = ['', '']
beforeEach(() => {
  ;[out, err] = ['', '']
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    out += text
    return true
  })
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    err += text
    return true
  })
})
afterEach(() => {
  vi.restoreAllMocks()
})

test('help names every command and every common option', async () => {
  expect([await main(['--help', '--no-color']), err]).toEqual([0, ''])
  for (const { name, summary } of COMMANDS) expect(out).toMatch(new RegExp(`^  ${name} +${summary.slice(0, 20)}`, 'm'))
  for (const option of ['--url URL', '--json', '--verbose', '--no-color', '-h, --help', '-v, --version']) {
    expect(out).toContain(option)
  }
  for (const line of out.split('\n')) expect(line.length).toBeLessThanOrEqual(120)
})

test.each(COMMANDS.map(({ name }) => name))('%s --help shows its usage and examples', async (name) => {
  expect([await main([name, '-h', '--no-color']), err]).toEqual([0, ''])
  expect(out).toContain(`Usage: archon-db ${name}`)
  expect(out.split('Examples:\n')[1]).toMatch(new RegExp(`^  archon-db ${name}`, 'm'))
  for (const line of out.split('\n')) expect(line.length).toBeLessThanOrEqual(120)
})

test('the version, alone', async () => {
  expect([await main(['-v']), out, err]).toEqual([0, '0.1.0\n', ''])
})

test('nothing typed: the help, as an error', async () => {
  expect([await main([]), out]).toEqual([2, ''])
  expect(err).toContain(' archon-db <command> [options]')
})

const GENERAL = 'archon-db --help shows what there is.'
const about = (command: string) => `archon-db ${command} --help shows what it takes.`

test.each([
  [['stauts'], 'There is no command called "stauts". Did you mean status?', GENERAL],
  [['deploy'], 'There is no command called "deploy".', GENERAL],
  [['--jsno', 'init'], 'There is no option "--jsno". Did you mean --json?', GENERAL],
  [['migrate', '--too', '1'], 'migrate has no option "--too". Did you mean --to?', about('migrate')],
  [['migrate', '--to'], '--to needs a value: --to VERSION.', about('migrate')],
  [['migrate', '--to', '--verbose'], '--to needs a value: --to VERSION.', about('migrate')],
  [['migrate', '--to=one'], '--to takes a whole number.', about('migrate')],
  [['status', '--check=yes'], '--check takes no value.', about('status')],
  [['--url', 'a', 'init', '--url', 'b'], '--url is given twice.', about('init')],
  [['init', 'here'], 'init takes no argument; 1 was given.', about('init')],
  [['init', '--', '--json'], 'init takes no argument; 1 was given.', about('init')],
  [
    ['sql', 'select', '1'],
    'sql takes one argument; 2 were given. Put it into quotes if it is meant as one.',
    about('sql'),
  ],
])('%j', async (args, message, advice) => {
  expect([await main(args), out]).toEqual([2, ''])
  expect(err).toBe(`Error: ${message}\n${advice}\n`)
})

test('an error for machines', async () => {
  expect([await main(['stauts', '--json']), err]).toEqual([2, ''])
  const message = 'There is no command called "stauts". Did you mean status?'
  expect(JSON.parse(out)).toEqual({ error: { code: 'usage', message, advice: GENERAL } })
})

test('what was typed cannot steer the terminal', async () => {
  expect(await main(['\u001b[2Jinit'])).toBe(2)
  expect(err).toContain('There is no command called "\\u001b[2Jinit".')
})
