/** The slice of the engine's WebAssembly interface that the kernel uses; Node's types leave it to the DOM library. */
export interface Wasm {
  readonly Module: new (bytes: Uint8Array<ArrayBuffer>) => WasmModule
  readonly Memory: new (limits: { initial: number }) => WasmMemory
  readonly Instance: new (module: WasmModule, imports: { env: { memory: WasmMemory } }) => { readonly exports: unknown }
}

export type WasmModule = { readonly [brand]: never }
declare const brand: unique symbol

export interface WasmMemory {
  readonly buffer: ArrayBuffer
  grow(pages: number): number
}

/** Undefined where the engine runs without WebAssembly. */
export const wasm: Wasm | undefined = (globalThis as { WebAssembly?: Wasm }).WebAssembly
