import type { DataAccess } from '../data-access.ts'

export type Repositories = Record<string, never>
export function createRepositories(_access: DataAccess): Repositories {
  return {}
}
