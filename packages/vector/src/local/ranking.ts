import type { VectorMetric } from '@archon-db/core'
import type { ScanKind } from './kernel/rows.ts'

/**
 * How one query ranks rows. The kernel's float32 sums only choose candidates; what decides, and what callers see, is
 * the score summed in float64 and rounded to float32 once. So the order does not depend on how the sums were cut up,
 * and vectors that are equally near come out equal.
 *
 * "Closeness" is what a scan yields: a lower bound in the metric's own terms, higher being nearer. NaN marks rows
 * that float32 cannot judge; they are always scored exactly.
 */
export interface Ranking {
  readonly kind: ScanKind
  /** Padded to the stride of the rows. */
  readonly query: Float32Array
  /** Turns the kernel's results for these rows into closeness, in place. */
  refine(scores: Float32Array, norms: Float64Array, from: number, to: number): void
  /** A score that a row of this closeness reaches for sure. */
  surely(closeness: number): number
  /** The least closeness, plus `slack` times the norm, of any row with this score. */
  floor(score: number): number
  readonly slack: number
  /** The score that counts. */
  exact(row: Float32Array, norm: number): number
}

/** Beyond these, squares of float32 overflow or vanish. */
const LARGEST = 1e15
const SMALLEST = 1e-15
/** Above what is lost when products fall below the smallest float32. */
const UNDERFLOW = 1e-38
const HALF_ULP = 2 ** -24

export function normOf(vector: Float32Array): number {
  let sum = 0
  for (let i = 0; i < vector.length; i++) sum += vector[i]! * vector[i]!
  return Math.sqrt(sum)
}

export function newRanking(metric: VectorMetric, vector: Float32Array, stride: number): Ranking {
  const query = new Float32Array(stride)
  query.set(vector)
  const norm = normOf(vector)
  // A sum of n terms in float32 is off by less than n half-ulps of the sum of magnitudes; the kernel's have stride / 16
  // terms and a few more roundings.
  const error = (stride / 16 + 12) * HALF_ULP
  if (metric === 'l2') return l2Ranking(query, norm, error)
  return metric === 'dot' ? dotRanking(query, norm, error) : cosineRanking(query, norm, error)
}

function cosineRanking(query: Float32Array, norm: number, error: number): Ranking {
  const unit = query.map((component) => (norm > 0 ? component / norm : 0))
  return {
    kind: 'dot',
    query: unit,
    slack: 0,
    refine(scores, norms, from, to) {
      for (let i = from; i < to; i++) {
        const length = norms[i]!
        if (length > LARGEST || length < SMALLEST) scores[i] = length === 0 ? 0 : Number.NaN
        else scores[i] = scores[i]! / length
      }
    },
    surely: (closeness) => closeness - error,
    floor: (score) => score - error - 2 * HALF_ULP,
    exact(row, length) {
      if (norm === 0 || length === 0) return 0
      return Math.fround(Math.max(-1, Math.min(1, dot(query, row) / norm / length)))
    },
  }
}

function dotRanking(query: Float32Array, norm: number, error: number): Ranking {
  const spread = norm * error
  return {
    kind: 'dot',
    query,
    slack: 2 * spread,
    refine(scores, norms, from, to) {
      for (let i = from; i < to; i++) {
        const length = norms[i]!
        scores[i] = length > LARGEST || norm > LARGEST ? Number.NaN : scores[i]! - length * spread
      }
    },
    surely: (closeness) => closeness - UNDERFLOW,
    floor: (score) => score - Math.abs(score) * 4 * HALF_ULP - UNDERFLOW,
    exact: (row) => roundScore(dot(query, row)),
  }
}

/** Closeness is the squared distance, negated. */
function l2Ranking(query: Float32Array, norm: number, error: number): Ranking {
  return {
    kind: 'l2',
    query,
    slack: 0,
    refine(scores, norms, from, to) {
      for (let i = from; i < to; i++) {
        scores[i] = norms[i]! > LARGEST || norm > LARGEST ? Number.NaN : -scores[i]! * (1 + 2 * error)
      }
    },
    surely: (closeness) => 1 / (1 + Math.sqrt(UNDERFLOW - closeness)),
    floor(score) {
      const lower = score * (1 - 4 * HALF_ULP)
      if (lower <= 0) return Number.NEGATIVE_INFINITY
      const distance = Math.max(0, 1 / lower - 1)
      return -distance * distance * (1 + 4 * error) - UNDERFLOW
    },
    exact: (row) => Math.fround(1 / (1 + distance(query, row))),
  }
}

/** Four sums at a time, because each addition waits for the one before it; the stride is a multiple of four. */
function dot(a: Float32Array, b: Float32Array): number {
  let [s0, s1, s2, s3] = [0, 0, 0, 0]
  for (let i = 0; i < a.length; i += 4) {
    s0 += a[i]! * b[i]!
    s1 += a[i + 1]! * b[i + 1]!
    s2 += a[i + 2]! * b[i + 2]!
    s3 += a[i + 3]! * b[i + 3]!
  }
  return s0 + s1 + (s2 + s3)
}

function distance(a: Float32Array, b: Float32Array): number {
  let [s0, s1, s2, s3] = [0, 0, 0, 0]
  for (let i = 0; i < a.length; i += 4) {
    s0 += (a[i]! - b[i]!) ** 2
    s1 += (a[i + 1]! - b[i + 1]!) ** 2
    s2 += (a[i + 2]! - b[i + 2]!) ** 2
    s3 += (a[i + 3]! - b[i + 3]!) ** 2
  }
  return Math.sqrt(s0 + s1 + (s2 + s3))
}

/** Sums beyond the range of float32 stay as they are. */
function roundScore(score: number): number {
  const rounded = Math.fround(score)
  return Number.isFinite(rounded) ? rounded : score
}
