/**
 * Just enough of a WebAssembly assembler to write the scan kernel as a list of instructions: no binary in the
 * repository, no build step. Encoding: https://webassembly.github.io/spec/core/binary/
 */

export type Code = readonly number[]

const I32 = 0x7f
const V128 = 0x7b
const EMPTY_BLOCK = 0x40

/** The 32-bit and vector instructions that the kernel uses. */
export const op = {
  localGet: (index: number): Code => [0x20, ...unsigned(index)],
  localSet: (index: number): Code => [0x21, ...unsigned(index)],
  i32Const: (value: number): Code => [0x41, ...signed(value)],
  i32Add: [0x6a] as Code,
  i32Sub: [0x6b] as Code,
  i32Eqz: [0x45] as Code,
  i32LtU: [0x49] as Code,
  f32Add: [0x92] as Code,
  f32Store: (offset: number): Code => [0x38, 2, ...unsigned(offset)],
  v128Load: (offset: number): Code => [...simd(0), 4, ...unsigned(offset)],
  v128Zero: [...simd(12), ...new Array<number>(16).fill(0)] as Code,
  f32x4Lane: (lane: number): Code => [...simd(31), lane],
  f32x4Add: simd(228) as Code,
  f32x4Sub: simd(229) as Code,
  f32x4Mul: simd(230) as Code,
  block: (...body: Code[]): Code => [0x02, EMPTY_BLOCK, ...body.flat(), 0x0b],
  loop: (...body: Code[]): Code => [0x03, EMPTY_BLOCK, ...body.flat(), 0x0b],
  /** Depth 0 is the innermost block or loop; branching to a loop starts it over. */
  branch: (depth: number): Code => [0x0c, ...unsigned(depth)],
  branchIf: (depth: number): Code => [0x0d, ...unsigned(depth)],
}

export interface FunctionSource {
  readonly name: string
  /** Locals 0 … parameters - 1 are the i32 parameters; then come the i32 locals, then the v128 locals. */
  readonly parameters: number
  readonly integers: number
  readonly vectors: number
  readonly body: readonly Code[]
}

/** A module of exported functions without results over one imported memory, `env.memory`. */
export function assembleModule(functions: readonly FunctionSource[]): Uint8Array<ArrayBuffer> {
  const types = functions.map((source) => [0x60, ...vector(new Array<Code>(source.parameters).fill([I32])), 0])
  const importedMemory = [...text('env'), ...text('memory'), 0x02, 0x00, ...unsigned(1)]
  const exports = functions.map((source, index) => [...text(source.name), 0x00, ...unsigned(index)])
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00], // "\0asm", version 1
    ...section(1, vector(types)),
    ...section(2, vector([importedMemory])),
    ...section(3, vector(functions.map((_, index) => unsigned(index)))),
    ...section(7, vector(exports)),
    ...section(10, vector(functions.map(functionCode))),
  ])
}

function functionCode({ integers, vectors, body }: FunctionSource): Code {
  const locals = vector([
    [...unsigned(integers), I32],
    [...unsigned(vectors), V128],
  ])
  const code = [...locals, ...body.flat(), 0x0b]
  return [...unsigned(code.length), ...code]
}

function section(id: number, content: Code): Code {
  return [id, ...unsigned(content.length), ...content]
}

function vector(items: readonly Code[]): Code {
  return [...unsigned(items.length), ...items.flat()]
}

function text(value: string): Code {
  return vector([...value].map((char) => [char.charCodeAt(0)]))
}

function simd(opcode: number): Code {
  return [0xfd, ...unsigned(opcode)]
}

/** LEB128: seven bits a byte, the lowest first, the top bit saying that more follow. */
function unsigned(value: number): Code {
  const bytes: number[] = []
  for (let rest = value; ; rest >>>= 7) {
    if (rest < 0x80) return [...bytes, rest]
    bytes.push((rest & 0x7f) | 0x80)
  }
}

/** As `unsigned`, but bit 6 of the last byte is the sign. */
function signed(value: number): Code {
  const bytes: number[] = []
  for (let rest = value; ; rest >>= 7) {
    if (rest >= -0x40 && rest < 0x40) return [...bytes, rest & 0x7f]
    bytes.push((rest & 0x7f) | 0x80)
  }
}
