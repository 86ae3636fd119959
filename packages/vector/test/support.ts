/** Numbers that look random and are the same for the same seed (a 32-bit mix of a counter). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x9e3779b9) >>> 0
    let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad)
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97)
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32
  }
}

/** A seed per run, printed, so that a failure can be run again with ARCHON_TEST_SEED. */
export function pickSeed(suite: string): number {
  const seed = Number(process.env.ARCHON_TEST_SEED ?? Date.now() % 1_000_000)
  console.log(`${suite}: seed ${seed}`)
  return seed
}

export function gaussian(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
}

export function randomVector(dimension: number, random: () => number): Float32Array {
  return Float32Array.from({ length: dimension }, () => gaussian(random))
}

/** Vectors around a hundred centres of a small latent space, as embeddings of texts are. */
export function clusteredVectors(count: number, dimension: number, random: () => number): Float32Array[] {
  const latent = 24
  const basis = Array.from({ length: latent }, () => randomVector(dimension, random))
  const centres = Array.from({ length: 100 }, () => randomVector(latent, random))
  return Array.from({ length: count }, () => {
    const centre = centres[Math.floor(random() * centres.length)] as Float32Array
    const vector = new Float32Array(dimension)
    for (let i = 0; i < latent; i++) {
      const weight = centre[i]! + 0.4 * gaussian(random)
      const direction = basis[i] as Float32Array
      for (let j = 0; j < dimension; j++) vector[j] = vector[j]! + weight * direction[j]!
    }
    return vector
  })
}
