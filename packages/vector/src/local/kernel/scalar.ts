/**
 * The kernel in plain JavaScript, for engines without WebAssembly SIMD. Bit for bit the same results: sixteen sums,
 * each step rounded to float32, added up in the same order.
 */

const round = Math.fround

export function dotScalar(query: Float32Array, row: Float32Array, at: number, length: number): number {
  const sums = new Float32Array(16)
  for (let i = 0; i < length; i += 16) {
    for (let lane = 0; lane < 16; lane++) {
      sums[lane] = sums[lane]! + round(query[i + lane]! * row[at + i + lane]!)
    }
  }
  return total(sums)
}

export function l2Scalar(query: Float32Array, row: Float32Array, at: number, length: number): number {
  const sums = new Float32Array(16)
  for (let i = 0; i < length; i += 16) {
    for (let lane = 0; lane < 16; lane++) {
      const difference = round(query[i + lane]! - row[at + i + lane]!)
      sums[lane] = sums[lane]! + round(difference * difference)
    }
  }
  return total(sums)
}

/** (a0 + a1) + (a2 + a3) lane by lane, then (l0 + l1) + (l2 + l3). */
function total(sums: Float32Array): number {
  const lane = (index: number): number =>
    round(round(sums[index]! + sums[4 + index]!) + round(sums[8 + index]! + sums[12 + index]!))
  return round(round(lane(0) + lane(1)) + round(lane(2) + lane(3)))
}
