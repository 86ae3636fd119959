import { expect, test } from 'vitest'
import { closestName } from '../../src/connection/closest.ts'

const COMMANDS = ['init', 'migrate', 'status', 'doctor', 'sql']

test.each([
  ['staus', 'status'],
  ['statsu', 'status'],
  ['DOCTOR', 'doctor'],
  ['migrat', 'migrate'],
  ['migration', 'migrate'],
  ['doc', 'doctor'],
  ['slq', 'sql'],
  ['s', undefined],
  ['', undefined],
  ['deploy', undefined],
])('%s', (typed, meant) => {
  expect(closestName(typed, COMMANDS)).toBe(meant)
})

test('the nearer of two', () => {
  expect(closestName('text', ['test', 'next', 'text-search'])).toBe('test')
  expect(closestName('a', ['b'])).toBe('b')
})
