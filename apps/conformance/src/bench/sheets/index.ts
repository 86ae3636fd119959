import type { Sheet } from '../report.ts'
import type { BenchTarget } from '../targets.ts'
import { coldStart } from './cold-start.ts'
import { memory } from './memory.ts'

export interface SheetOptions {
  readonly targets: readonly BenchTarget[]
  /** Of the memory case. */
  readonly rows: number
  readonly log: (text: string) => void
}

export interface SheetCase {
  readonly name: string
  run(options: SheetOptions): Promise<Sheet[]>
}

export const SHEETS: readonly SheetCase[] = [memory, coldStart]
