import type { StoreBackend } from './backend.ts'
import { chroma } from './chroma.ts'
import { localDisk, localMemory } from './local.ts'

/** All vector stores, in the order of the matrix. Each is loaded when it starts. */
export const STORES: readonly StoreBackend[] = [localMemory, localDisk, chroma]
