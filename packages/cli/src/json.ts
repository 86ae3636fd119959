/** JSON of whatever a database returns: no precision is lost, and binary values become base64. */
export function toJson(value: unknown): string {
  return JSON.stringify(value, replace, 2) ?? 'null'
}

function replace(this: unknown, key: string, value: unknown): unknown {
  // A Date has become text by the time it gets here; the object that holds it still has the Date.
  const held = typeof this === 'object' && this !== null ? (this as Record<string, unknown>)[key] : value
  if (typeof held === 'bigint') return held.toString()
  if (held instanceof Float32Array) return [...held]
  if (held instanceof ArrayBuffer) return Buffer.from(held).toString('base64')
  if (ArrayBuffer.isView(held)) return Buffer.from(held.buffer, held.byteOffset, held.byteLength).toString('base64')
  if (held instanceof Map) return Object.fromEntries(held)
  if (typeof held === 'number' && !Number.isFinite(held)) return String(held)
  return value
}
