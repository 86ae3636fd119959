import type { Random } from '../../harness/random.ts'

export type Distribution = 'clustered' | 'random'

const CLUSTERS = 100
/** Real embeddings fill a thin slice of their space: what differs between texts has far fewer directions than numbers. */
const LATENT = 48
/** How far the members of a cluster lie from its centre, measured by the distance between centres. */
const SPREAD = 0.4

/** Vectors of length one: around centres in a slice of the space, or in all directions alike, which is the worst there is. */
export function makeVectors(
  random: Random,
  distribution: Distribution,
  count: number,
  dimension: number,
): Float32Array[] {
  if (distribution === 'random') return Array.from({ length: count }, () => normalized(gaussians(random, dimension)))
  const projection = Array.from({ length: LATENT }, () => gaussians(random, dimension))
  const centres = Array.from({ length: CLUSTERS }, () => gaussians(random, LATENT))
  return Array.from({ length: count }, () => {
    const centre = random.pick(centres)
    const noise = gaussians(random, LATENT)
    return normalized(
      project(
        centre.map((value, i) => value + SPREAD * (noise[i] as number)),
        projection,
      ),
    )
  })
}

function project(latent: Float32Array, projection: readonly Float32Array[]): Float32Array {
  const vector = new Float32Array((projection[0] as Float32Array).length)
  for (let i = 0; i < latent.length; i++) {
    const row = projection[i] as Float32Array
    const weight = latent[i] as number
    for (let j = 0; j < vector.length; j++) vector[j] = (vector[j] as number) + weight * (row[j] as number)
  }
  return vector
}

function gaussians(random: Random, length: number): Float32Array {
  const values = new Float32Array(length)
  for (let i = 0; i < length; i += 2) {
    const radius = Math.sqrt(-2 * Math.log(1 - random.next()))
    const angle = 2 * Math.PI * random.next()
    values[i] = radius * Math.cos(angle)
    if (i + 1 < length) values[i + 1] = radius * Math.sin(angle)
  }
  return values
}

function normalized(vector: Float32Array): Float32Array {
  const length = Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0))
  return vector.map((value) => value / length)
}
