/** Repeatable random numbers: the same seed gives the same run. Set SEED to repeat one. */
export interface Random {
  below(limit: number): number
  pick<T>(items: readonly T[]): T
}

export function seededRandom(): Random {
  const seed = Number(process.env.SEED ?? Date.now() % 1_000_000) + 1
  console.info(`SEED=${seed - 1}`)
  let state = Math.imul(seed, 0x9e3779b1) | 1
  function below(limit: number): number {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) % limit
  }
  return { below, pick: (items) => items[below(items.length)]! }
}
