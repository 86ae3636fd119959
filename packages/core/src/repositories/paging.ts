import { invalidInput } from '../errors.ts'

/** A list from its beginning, or from where an earlier one stopped. */
export interface ListOptions {
  /** At most this many; all of them when absent. */
  readonly limit?: number | undefined
  /** The `nextCursor` of the list before; null for the beginning. */
  readonly after?: string | null | undefined
}

export interface Listing<Item> {
  readonly items: Item[]
  /** Passed as `after` it gives the next items; null when these were the last. */
  readonly nextCursor: string | null
}

/** Some rows by position. */
export interface SliceOptions {
  readonly offset?: number | undefined
  readonly limit: number
}

export interface Slice<Item> {
  readonly items: Item[]
  /** How many there are in all, counted in the same snapshot. */
  readonly total: number
}

/** Numbered pages, the first is 1. */
export interface PageOptions {
  readonly page?: number | undefined
  /** Default 20. */
  readonly perPage?: number | undefined
}

export interface NumberedPage<Item> extends Slice<Item> {
  readonly page: number
  readonly perPage: number
  readonly pages: number
}

/** A numbered page, out of whatever can give a slice. */
export async function numberedPage<Item>(
  { page = 1, perPage = 20 }: PageOptions,
  slice: (options: SliceOptions) => Promise<Slice<Item>>,
): Promise<NumberedPage<Item>> {
  if (!isPositive(page) || !isPositive(perPage)) throw invalidInput('page and perPage take whole numbers from 1.')
  const { items, total } = await slice({ offset: (page - 1) * perPage, limit: perPage })
  return { items, total, page, perPage, pages: Math.ceil(total / perPage) }
}

function isPositive(value: number): boolean {
  return Number.isSafeInteger(value) && value > 0
}
