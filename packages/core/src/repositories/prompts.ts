import type { DataAccess } from '../data-access.ts'
import { type Prompt, TABLE_NAMES } from '../rows.ts'
import { type Draft, EntityTable, type Patch } from './entity-table.ts'
import { given } from './filters.ts'
import type { Listing, ListOptions } from './paging.ts'

export interface PromptFilter {
  readonly name?: string | undefined
}

const ORDER = ['name']

/** The texts that agents are instructed with, by name. */
export class PromptRepository {
  readonly #table: EntityTable<Prompt>

  constructor(access: DataAccess) {
    this.#table = new EntityTable(access, TABLE_NAMES.prompts)
  }

  get(name: string): Promise<Prompt | null> {
    return this.#table.one({ name })
  }

  list(filter: PromptFilter = {}, options?: ListOptions): Promise<Listing<Prompt>> {
    return this.#table.list({ where: given({ ...filter }), orderBy: ORDER }, options)
  }

  listAll(): Promise<Prompt[]> {
    return this.#table.all({ orderBy: ORDER })
  }

  count(filter: PromptFilter = {}): Promise<number> {
    return this.#table.count(given({ ...filter }))
  }

  async upsert(prompt: Draft<Prompt, 'name' | 'prompt'>): Promise<Prompt> {
    const [stored] = await this.#table.upsert([prompt], ['name'])
    return stored as Prompt
  }

  update(name: string, patch: Patch<Prompt>): Promise<Prompt | null> {
    return this.#table.updateOne({ name }, patch)
  }

  delete(name: string): Promise<boolean> {
    return this.#table.deleteOne({ name })
  }
}
