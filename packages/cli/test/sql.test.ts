import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { archonDb, finished, folders, initialised, startArchonDb } from './support.ts'

const folder = folders()
let cwd = ''
beforeAll(async () => {
  cwd = await initialised(folder())
})

const tasks = async () =>
  JSON.parse((await archonDb(['sql', '--json', 'select title from archon_tasks order by title'], { cwd })).out).rows

describe('reading', () => {
  test('a table: numbers on the right, null, bytes, dates as they are stored', async () => {
    const statement =
      "select 'ab' as name, 7 as n, null as gap, x'00ff10' as bytes union all select '日本', 12, 1, null"
    const { code, out, err } = await archonDb(['sql', statement], { cwd })
    expect([code, err]).toEqual([0, ''])
    expect(out.split('\n')).toEqual([
      'name   n   gap  bytes',
      '────  ──  ────  ─────────',
      'ab     7  NULL  <3 bytes>',
      '日本  12     1  NULL',
      '(2 rows)',
      '',
    ])
  })

  test('JSON keeps what a table cannot show', async () => {
    const { out } = await archonDb(['sql', '--json', "select 9007199254740993 as big, x'00ff' as bytes, null as gap"], {
      cwd,
    })
    expect(JSON.parse(out)).toEqual({ rows: [{ big: '9007199254740993', bytes: 'AP8=', gap: null }], count: 1 })
  })

  test('no rows', async () => {
    expect((await archonDb(['sql', 'select 1 where false'], { cwd })).out).toBe('(0 rows)\n')
  })

  test('long values are cut, and shown in full on demand', async () => {
    const statement = "select printf('%.*c', 100, 'x') as long"
    const [, , cut] = (await archonDb(['sql', statement], { cwd })).out.split('\n')
    expect(cut).toBe(`${'x'.repeat(59)}…`)
    const [, , full] = (await archonDb(['sql', '--wide', statement], { cwd })).out.split('\n')
    expect(full).toBe('x'.repeat(100))
  })

  test('stored escape sequences do not reach the terminal', async () => {
    const { out } = await archonDb(
      ['sql', `select char(27) || '[2Jx' || char(10) || char(8238) || 'y' as "a${'\u0007'}b"`],
      { cwd },
    )
    expect(out.split('\n').slice(0, 3)).toEqual(['a\\u0007b', '──────────────────', '\\u001b[2Jx↵\\u202ey'])
  })

  test('from standard input, with and without a dash', async () => {
    for (const args of [['sql'], ['sql', '-']]) {
      const { code, out } = await archonDb([...args, '--json'], { cwd, input: '-- what?\nselect 1 as one;\n' })
      expect([code, JSON.parse(out).rows]).toEqual([0, [{ one: 1 }]])
    }
  })

  test('a reader that stops reading is no error', async () => {
    const statement = 'with recursive n(i) as (select 1 union all select i + 1 from n where i < 200000) select i from n'
    const child = startArchonDb(['sql', statement], { cwd })
    child.stdout.once('data', () => child.stdout.destroy())
    const { code, err } = await finished(child)
    expect([code, err]).toEqual([0, ''])
  })
})

describe('writing', () => {
  test('needs --write', async () => {
    const insert = "insert into archon_tasks (id, title) values ('00000000-0000-7000-8000-000000000001', 'Written')"
    const refused = await archonDb(['sql', insert], { cwd })
    expect([refused.code, refused.err.split('\n')[0]]).toEqual([
      2,
      'Error: insert changes something. Add --write if that is meant.',
    ])
    expect(await tasks()).toEqual([])
    const done = await archonDb(['sql', '--write', insert], { cwd })
    expect([done.code, done.out]).toEqual([0, '(1 row changed)\n'])
    expect(await tasks()).toEqual([{ title: 'Written' }])
  })

  test('hidden behind a word that reads, it is undone', async () => {
    await archonDb(['sql', 'with gone as (select 1) delete from archon_settings'], { cwd })
    const { out } = await archonDb(['sql', '--json', 'select count(*) as n from archon_settings'], { cwd })
    expect(JSON.parse(out).rows).toEqual([{ n: 45 }])
  })

  test.each([
    ['select 1; delete from archon_tasks', 'sql runs one statement at a time, and there are several.'],
    ['', 'sql got no statement: it is empty.'],
    [' -- nothing\n;', 'sql got no statement: it is empty.'],
    ['begin', 'sql runs each statement by itself, so begin has no meaning here.'],
  ])('%j', async (statement, message) => {
    const { code, out, err } = await archonDb(['sql', '--write', statement], { cwd })
    expect([code, out, err.split('\n')[0]]).toEqual([2, '', `Error: ${message}`])
  })
})

describe('what goes wrong', () => {
  test('a wrong statement: the message, no stack; with --verbose both', async () => {
    const { code, out, err } = await archonDb(['sql', 'select x from nowhere'], { cwd })
    expect([code, out, err]).toEqual([1, '', 'Error: no such table: nowhere\n'])
    const verbose = await archonDb(['sql', '--verbose', 'select x from nowhere'], { cwd })
    expect(verbose.code).toBe(1)
    expect(verbose.err).toContain('    at ')
    expect(verbose.err).toMatch(/\nCaused by: DbError: .+/)
  })

  test('--verbose shows the statements', async () => {
    const { err } = await archonDb(['sql', '--verbose', 'select 1 as one'], { cwd })
    expect(err).toMatch(/^archon-db query \d+\.\d ms, 1 rows, transaction \d+: select 1 as one$/m)
  })

  test('a file that is no database', async () => {
    writeFileSync(join(cwd, 'notes.txt'), 'These are notes and no database at all.'.repeat(100))
    const { code, out } = await archonDb(['sql', '--json', '--url', 'notes.txt', 'select 1'], { cwd })
    expect(code).toBe(1)
    expect(Object.keys(JSON.parse(out).error)).toContain('message')
  })
})
