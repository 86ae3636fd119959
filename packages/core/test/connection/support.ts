import { expect } from 'vitest'
import { readConfig } from '../../src/connection/config.ts'
import type { Environment } from '../../src/connection/environment.ts'
import type { ConnectOptions } from '../../src/connection/types.ts'
import { DbError } from '../../src/errors.ts'

/** The problems that a configuration is refused with, one a line; fails when it is accepted. */
export function problemsOf(env: Environment, options: ConnectOptions = {}): string[] {
  const error = failureOf(env, options)
  expect(error.code).toBe('invalid_input')
  const [heading, ...problems] = error.message.split('\n')
  expect(heading).toBe(
    problems.length === 1 ? 'The configuration has a mistake:' : `The configuration has ${problems.length} mistakes:`,
  )
  return problems.map((line) => line.replace(/^- /, ''))
}

export function failureOf(env: Environment, options: ConnectOptions = {}): DbError {
  try {
    readConfig(options, env)
  } catch (error) {
    if (error instanceof DbError) return error
    throw error
  }
  throw new Error('The configuration was accepted.')
}

/** Where a configuration leads. */
export function targetOf(
  env: Environment,
  options: ConnectOptions = {},
): [kind: string, url: string, path: string | null] {
  const { kind, url, path } = readConfig(options, env)
  return [kind, url, path]
}
