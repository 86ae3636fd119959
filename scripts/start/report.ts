import { styleText } from 'node:util'
import type { ChunkSummary, SearchHit } from '../../packages/cli/src/index.ts'

export function heading(text: string): void {
  console.log(`\n${styleText('bold', text)}`)
}

const LABEL_WIDTH = 10

/** `Database   ./archon.db`: a label, and what there is to say. */
export function fact(label: string, text: string): void {
  console.log(`${label.padEnd(LABEL_WIDTH)} ${text}`)
}

export function note(text: string): void {
  console.log(styleText('dim', text))
}

/** One hit: how near, found by what, where it stands, and how it begins. */
export function hit({ score, matchType, row }: SearchHit<ChunkSummary>): void {
  console.log(`  ${score.toFixed(3)}  ${matchType.padEnd(7)}  ${placeOf(row)}`)
  note(`                  ${beginningOf(row.content)}`)
}

function placeOf({ url, metadata }: ChunkSummary): string {
  const headings = typeof metadata === 'object' && metadata !== null && 'headings' in metadata ? metadata.headings : []
  const last = Array.isArray(headings) ? headings.at(-1) : undefined
  return typeof last === 'string' ? `${url} › ${last}` : url
}

const BEGINNING = 90

function beginningOf(text: string): string {
  const line = text
    .replace(/[*`#>|]/g, '')
    .replace(/\s+/g, ' ')
    .trim()
  return line.length > BEGINNING ? `${line.slice(0, BEGINNING).replace(/\s\S*$/, '')} …` : line
}

export function ms(since: number): string {
  return `${(performance.now() - since).toFixed(0)} ms`
}
