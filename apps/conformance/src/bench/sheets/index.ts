import type { Distribution } from '../../suites/recall/vectors.ts'
import type { Sheet } from '../report.ts'
import type { BenchTarget } from '../targets.ts'
import { coldStart } from './cold-start.ts'
import { memory } from './memory.ts'
import { vectors } from './vectors/index.ts'

export interface SheetOptions {
  readonly targets: readonly BenchTarget[]
  /** Of the memory case. */
  readonly rows: number
  /** Of the vectors case. */
  readonly sizes: readonly { readonly count: number; readonly dimension: number }[]
  readonly kinds: readonly Distribution[]
  /** Parts of the names of those who take part. */
  readonly who: readonly string[]
  /** Seconds after which an index that is not whole is given up, in the vectors case. */
  readonly buildS: number
  readonly log: (text: string) => void
}

export interface SheetCase {
  readonly name: string
  run(options: SheetOptions): Promise<Sheet[]>
}

export const SHEETS: readonly SheetCase[] = [memory, coldStart, vectors]
