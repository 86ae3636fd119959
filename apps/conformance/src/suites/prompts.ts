/** For suites that look at when rows are there rather than at what is in them. */
import type { DataAccess } from '@archon-db/core'

export const TABLE = 'archon_prompts'

export const add = (access: DataAccess, name: string): Promise<unknown> =>
  access.insert(TABLE, { prompt_name: name, prompt: 'text' }, { returning: false })

export async function names(access: DataAccess): Promise<string[]> {
  const { rows } = await access.select<{ prompt_name: string }>(TABLE, {
    columns: ['prompt_name'],
    orderBy: 'prompt_name',
  })
  return rows.map((row) => row.prompt_name)
}

/** A promise to be resolved from outside. */
export interface Gate {
  readonly passed: Promise<void>
  readonly open: () => void
}

export function gate(): Gate {
  let open!: () => void
  const passed = new Promise<void>((resolve) => {
    open = resolve
  })
  return { passed, open }
}

export const tick = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

export class Boom extends Error {}

export const boom = (): never => {
  throw new Boom('boom')
}
