import type { Tokenization } from './schema.ts'

/** What a text is found by in the inverted index. */
export function tokensOf(text: string, tokenization: Tokenization | undefined): string[] {
  switch (tokenization) {
    case 'field':
      return [text.trim()]
    case 'whitespace':
      return text.split(/\s+/u).filter((token) => token !== '')
    case 'lowercase':
      return text
        .toLowerCase()
        .split(/\s+/u)
        .filter((token) => token !== '')
    default:
      return text
        .toLowerCase()
        .split(/[^\p{L}\p{N}]+/u)
        .filter((token) => token !== '')
  }
}
