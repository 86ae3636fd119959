export { type Outbox, type OutboxOptions, openOutbox, type Verification } from './outbox.ts'
export type { Overview, StoredColumn } from './overview.ts'
export type { CopyProgress } from './sender.ts'
export type { Difference } from './verify.ts'
