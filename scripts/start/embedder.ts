/**
 * A demonstration, not a model: words and pieces of words are hashed into a vector, so texts that share words come out
 * near each other. It is deterministic, needs no download and no key, and knows nothing of meaning.
 */
export const EMBEDDER = 'hashing-demonstration'
export const DIMENSION = 384

/** Words that stand in every text and tell none apart. */
const COMMON = new Set(
  'a an and are as at be by can do does for from has have how i in is it its no not of on one or so than that the then there this to was what when where which who why will with you your'.split(
    ' ',
  ),
)

const WORD_WEIGHT = 1
const PIECE_WEIGHT = 0.35
const PIECE = 4

export function embed(text: string): Float32Array {
  const features = new Map<string, number>()
  const add = (feature: string, weight: number): void => {
    features.set(feature, (features.get(feature) ?? 0) + weight)
  }
  for (const word of text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []) {
    if (COMMON.has(word)) continue
    add(word, WORD_WEIGHT)
    // Pieces bring "migrate" and "migration" near each other.
    for (const piece of piecesOf(`^${word}$`)) add(piece, PIECE_WEIGHT)
  }
  const vector = new Float32Array(DIMENSION)
  for (const [feature, weight] of features) {
    const hash = hashOf(feature)
    // One bit is the sign: features that collide cancel each other out rather than add up.
    const sign = hash & 0x8000_0000 ? -1 : 1
    const at = hash % DIMENSION
    vector[at] = (vector[at] ?? 0) + sign * Math.log1p(weight)
  }
  return normalised(vector)
}

function piecesOf(word: string): string[] {
  return Array.from({ length: Math.max(0, word.length - PIECE + 1) }, (_, at) => word.slice(at, at + PIECE))
}

/** FNV-1a over UTF-16 units, as an unsigned number. */
function hashOf(text: string): number {
  let hash = 0x811c_9dc5
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x0100_0193)
  return hash >>> 0
}

/** A text without a word still needs a direction: the first axis. */
function normalised(vector: Float32Array): Float32Array {
  const length = Math.hypot(...vector)
  if (length === 0) vector[0] = 1
  return length === 0 ? vector : vector.map((value) => value / length)
}
