export * from './errors.ts'
export { compareCodePoints } from './filter/evaluate.ts'
export * from './rows.ts'
export * from './vector-store.ts'
