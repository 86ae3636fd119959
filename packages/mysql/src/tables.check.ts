/** Compiles only while the tables store exactly core's rows; the compiler's complaint names what differs. */
import type { Prompt } from '@archon-db/core'
import type { Assert, SameRow, TablesMatchRows } from '@archon-db/core/dialect'
import type { prompts, tables } from './tables.ts'

type Hidden = 'urlHash' | 'nameHash' | 'fieldNameHash' | 'words'

export type TablesAreRows = Assert<TablesMatchRows<typeof tables, Hidden>>

type StoredPrompt = Omit<typeof prompts.$inferSelect, Hidden>

// The check itself is checked: each of these differences must be a compile error.
// @ts-expect-error A column that the row does not know.
export type ExtraColumn = Assert<SameRow<Omit<Prompt, 'description'>, StoredPrompt>>
// @ts-expect-error A column that the table lacks.
export type MissingColumn = Assert<SameRow<Prompt & { language: string }, StoredPrompt>>
// @ts-expect-error Another type.
export type OtherType = Assert<SameRow<Omit<Prompt, 'name'> & { name: number }, StoredPrompt>>
// @ts-expect-error Nullable in the row alone.
export type NullableRow = Assert<SameRow<Omit<Prompt, 'name'> & { name: string | null }, StoredPrompt>>
// @ts-expect-error Nullable in the table alone.
export type NullableColumn = Assert<SameRow<Omit<Prompt, 'description'> & { description: string }, StoredPrompt>>
