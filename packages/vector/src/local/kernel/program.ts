import { assembleModule, type Code, type FunctionSource, op } from './assemble.ts'

/**
 * The scan: one query against `count` rows that follow each other in memory, one float32 written per row.
 *
 *     for each row:
 *       a0 = a1 = a2 = a3 = 0                         four sums of four lanes: 16 floats a step
 *       for each 64 bytes: aN += term(query, row)     dot: q * r          l2: (q - r) * (q - r)
 *       a0 = (a0 + a1) + (a2 + a3)
 *       *scores++ = (a0[0] + a0[1]) + (a0[2] + a0[3])
 *
 * Four independent sums keep the adder busy. The order of additions is part of the contract: `scalar.ts` repeats it.
 */

/** Floats per step of the inner loop; rows and query are padded with zeros to a multiple of it. */
export const LANES = 16
const STEP_BYTES = LANES * 4

// Parameters, all byte addresses except the count.
const QUERY = 0
const ROW = 1
const COUNT = 2
const STRIDE = 3
const SCORE = 4
// Locals.
const CURSOR = 5 // where in the query we are
const QUERY_END = 6
const SUM = [7, 8, 9, 10] as const
const SCRATCH = 11

export function assembleKernel(): Uint8Array<ArrayBuffer> {
  return assembleModule([scan('dot', addProduct), scan('l2', addSquaredDifference)])
}

function scan(name: string, addTerm: (lane: number) => Code): FunctionSource {
  return {
    name,
    parameters: 5,
    integers: 2,
    vectors: 5,
    body: [
      [...op.localGet(QUERY), ...op.localGet(STRIDE), ...op.i32Add, ...op.localSet(QUERY_END)],
      op.block(
        op.loop(
          [...op.localGet(COUNT), ...op.i32Eqz, ...op.branchIf(1)], // no row left: out of the block
          ...SUM.map((sum) => [...op.v128Zero, ...op.localSet(sum)]),
          [...op.localGet(QUERY), ...op.localSet(CURSOR)],
          op.loop(...[0, 1, 2, 3].map(addTerm), advance(CURSOR, STEP_BYTES), advance(ROW, STEP_BYTES), [
            ...op.localGet(CURSOR),
            ...op.localGet(QUERY_END),
            ...op.i32LtU,
            ...op.branchIf(0),
          ]),
          storeTotal(),
          advance(SCORE, 4),
          [...op.localGet(COUNT), ...op.i32Const(1), ...op.i32Sub, ...op.localSet(COUNT)],
          op.branch(0),
        ),
      ),
    ],
  }
}

/** sum[lane] += query * row */
function addProduct(lane: number): Code {
  return [...op.localGet(SUM[lane]!), ...loadPair(lane), ...op.f32x4Mul, ...op.f32x4Add, ...op.localSet(SUM[lane]!)]
}

/** sum[lane] += (query - row) * (query - row) */
function addSquaredDifference(lane: number): Code {
  return [
    ...[...loadPair(lane), ...op.f32x4Sub, ...op.localSet(SCRATCH)],
    ...[...op.localGet(SUM[lane]!), ...op.localGet(SCRATCH), ...op.localGet(SCRATCH), ...op.f32x4Mul],
    ...[...op.f32x4Add, ...op.localSet(SUM[lane]!)],
  ]
}

function loadPair(lane: number): Code {
  const offset = lane * 16
  return [...op.localGet(CURSOR), ...op.v128Load(offset), ...op.localGet(ROW), ...op.v128Load(offset)]
}

function storeTotal(): Code {
  const [a, b, c, d] = SUM
  const halves = [
    ...op.localGet(a),
    ...op.localGet(b),
    ...op.f32x4Add,
    ...op.localGet(c),
    ...op.localGet(d),
    ...op.f32x4Add,
  ]
  const lane = (index: number): Code => [...op.localGet(a), ...op.f32x4Lane(index)]
  return [
    ...[...halves, ...op.f32x4Add, ...op.localSet(a)],
    ...op.localGet(SCORE),
    ...[...lane(0), ...lane(1), ...op.f32Add, ...lane(2), ...lane(3), ...op.f32Add, ...op.f32Add],
    ...op.f32Store(0),
  ]
}

function advance(local: number, bytes: number): Code {
  return [...op.localGet(local), ...op.i32Const(bytes), ...op.i32Add, ...op.localSet(local)]
}
