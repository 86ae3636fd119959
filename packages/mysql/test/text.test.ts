import { describe, expect, test } from 'vitest'
import { encodePattern } from '../src/text.ts'

describe('encodePattern', () => {
  test.each([
    ['like', 'a%b\\_', 'a%b\\_'],
    ['contains', '50%_\\', '%50\\%\\_\\\\%'],
    ['startsWith', '50%', '50\\%%'],
    ['endsWith', '_x', '%\\_x'],
  ] as const)('%s of %j is %j', (op, pattern, encoded) => {
    expect(encodePattern(op, pattern)).toBe(encoded)
  })

  test('folds on the server where it knows the letters', () => {
    expect(encodePattern('ilike', '%Straße ΣΊΣΥΦΟΣ Москва 汉%')).toBe('f%Straße ΣΊΣΥΦΟΣ Москва 汉%')
  })

  test('spells out letters that servers pair otherwise', () => {
    expect(encodePattern('ilike', 'ა_%x')).toBe('r(?s)\\A[\\x{10d0}\\x{1c90}]..*?[\\x{58}\\x{78}]\\z')
    expect(encodePattern('ilike', '%ა%')).toBe('r(?s)[\\x{10d0}\\x{1c90}]')
    expect(encodePattern('ilike', '\\%ა')).toBe('r(?s)\\A[\\x{25}][\\x{10d0}\\x{1c90}]\\z')
  })
})
