import type { VectorMetric } from '@archon-db/core'

/** Scores rows against one query in double precision, rounded to float32 once: the same on every store. */
export function scorer(metric: VectorMetric, query: Float32Array): (row: Float32Array) => number {
  if (metric === 'dot') return (row) => finite(dot(query, row))
  if (metric === 'l2') return (row) => Math.fround(1 / (1 + distance(query, row)))
  const length = lengthOf(query)
  return (row) => {
    // Rows are fetched from memory once for both sums.
    let [product, square] = [0, 0]
    for (let i = 0; i < row.length; i++) {
      const component = row[i]!
      product += query[i]! * component
      square += component * component
    }
    if (length === 0 || square === 0) return 0
    return Math.fround(Math.max(-1, Math.min(1, product / length / Math.sqrt(square))))
  }
}

/** Whether a service that brings vectors to length 1 in float32 still knows where this one points. */
export function keepsDirection(vector: Float32Array): boolean {
  const length = lengthOf(vector)
  return length > 1e-15 && length < 1e18
}

export function lengthOf(vector: Float32Array): number {
  return Math.sqrt(dot(vector, vector))
}

function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!
  return sum
}

function distance(a: Float32Array, b: Float32Array): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += (a[i]! - b[i]!) ** 2
  return Math.sqrt(sum)
}

/** Sums beyond the range of float32 stay as they are. */
function finite(score: number): number {
  const rounded = Math.fround(score)
  return Number.isFinite(rounded) ? rounded : score
}
