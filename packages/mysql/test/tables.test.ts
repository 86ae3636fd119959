import { expect, test } from 'vitest'
import { tables } from '../src/index.ts'

const { sources } = tables.tasks

test('JSON is read as text, and as the object that mysql2 makes of it for Drizzle alone', () => {
  const stored = [{ url: 'https://example.org', type: 'web' }]
  expect(sources.mapFromDriverValue(JSON.stringify(stored))).toStrictEqual(stored)
  expect(sources.mapFromDriverValue(stored)).toStrictEqual(stored)
})
