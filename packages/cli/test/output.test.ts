import { beforeAll, describe, expect, test } from 'vitest'
import { archonDb, folders, initialised } from './support.ts'

const folder = folders()
let cwd = ''
beforeAll(async () => {
  cwd = await initialised(folder())
})

describe('colours', () => {
  const ESC = '\u001b['
  test('none into a pipe or a file', async () => {
    expect((await archonDb(['doctor'], { cwd })).out).not.toContain(ESC)
  })

  test('on demand, and never against NO_COLOR or --no-color', async () => {
    const env = { FORCE_COLOR: '1' }
    expect((await archonDb(['doctor'], { cwd, env })).out).toContain(`${ESC}32m✓${ESC}39m`)
    expect((await archonDb(['doctor'], { cwd, env: { ...env, NO_COLOR: '1' } })).out).not.toContain(ESC)
    expect((await archonDb(['doctor', '--no-color'], { cwd, env })).out).not.toContain(ESC)
    expect((await archonDb(['status', '--json'], { cwd, env })).out).not.toContain(ESC)
    expect((await archonDb(['stauts'], { cwd, env })).err).toContain(`${ESC}31mError:${ESC}39m`)
  })
})

describe('secrets', () => {
  const url = 'postgresql://admin:hun%23ter2@127.0.0.1:1/archon?connect_timeout=1'

  test.each([['status'], ['doctor'], ['init'], ['sql', 'select 1']])('are not shown by %s', async (...args) => {
    for (const extra of [[], ['--json'], ['--verbose']]) {
      const { code, out, err } = await archonDb([...args, ...extra], { cwd, env: { DATABASE_URL: url } })
      expect(code).toBe(1)
      expect(out + err).not.toMatch(/hun(?:%23|#)ter2/)
    }
  })

  test('a password that is an ordinary word hides nothing but itself', async () => {
    const env = { DATABASE_URL: 'postgresql://archon:archon@127.0.0.1:1/archon' }
    const { out } = await archonDb(['doctor'], { cwd, env })
    expect(out).toContain('postgresql://archon:***@127.0.0.1:1/archon')
  })

  test('the address is shown without its password', async () => {
    const { out } = await archonDb(['doctor'], { cwd, env: { DATABASE_URL: url } })
    expect(out).toContain('postgresql://admin:***@127.0.0.1:1/archon')
  })
})
