import { describe, expect, test } from 'vitest'
import { sslOf } from '../src/ssl.ts'

describe('sslOf', () => {
  test.each([
    [undefined, false],
    ['disable', false],
    ['allow', false],
    ['prefer', 'prefer'],
    ['require', 'require'],
    ['no-verify', 'require'],
    ['verify-ca', 'verify-full'],
    ['verify-full', 'verify-full'],
    ['something new', 'verify-full'],
  ])('leaves it to the address: %s', (sslmode, ssl) => {
    expect(sslOf(sslmode)).toEqual(ssl)
    expect(sslOf(sslmode, { mode: 'default', verify: true })).toEqual(ssl)
  })

  test('options win', () => {
    expect(sslOf('require', { mode: 'off', verify: true })).toBe(false)
    expect(sslOf('disable', { mode: 'on', verify: false })).toBe('require')
    expect(sslOf('disable', { mode: 'on', verify: true })).toEqual({ rejectUnauthorized: true })
    expect(sslOf(undefined, { mode: 'on', verify: true, ca: 'PEM' })).toEqual({ rejectUnauthorized: true, ca: 'PEM' })
  })
})
