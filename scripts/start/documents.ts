import { createHash } from 'node:crypto'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

export interface Section {
  /** The headings that lead to it. */
  readonly headings: readonly string[]
  readonly text: string
}

export interface CodeBlock {
  readonly language: string
  readonly code: string
  /** The heading it stands under. */
  readonly about: string
}

export interface Document {
  /** Its path in this repository. */
  readonly path: string
  readonly title: string
  readonly text: string
  /** Changes when the text does. */
  readonly hash: string
  readonly sections: readonly Section[]
  readonly code: readonly CodeBlock[]
}

/** Long enough to say something, short enough to be about one thing. */
const LONGEST_SECTION = 1200

/** The documentation of this repository. */
export function readDocuments(root: string): Document[] {
  const guides = globSync('docs/**/*.md', { cwd: root }).map((path) => path.replaceAll('\\', '/'))
  const paths = ['README.md', 'CONTRIBUTING.md', ...guides.sort()].filter((path) => existsSync(join(root, path)))
  return paths.map((path) => parseDocument(path, readFileSync(join(root, path), 'utf8')))
}

export function parseDocument(path: string, text: string): Document {
  const sections: Section[] = []
  const code: CodeBlock[] = []
  let headings: string[] = []
  for (const block of blocksOf(text)) {
    const [, marks = '', heading = ''] = /^(#{1,6})\s+(.+?)\s*#*$/.exec(block) ?? []
    if (marks) headings = [...headings.slice(0, marks.length - 1), heading]
    else append(sections, headings, block)
    const fence = /^```(\S*)\n([\s\S]*?)\n?```$/.exec(block)
    if (fence) code.push({ language: fence[1] || 'text', code: fence[2] ?? '', about: headings.at(-1) ?? path })
  }
  const hash = createHash('sha256').update(text).digest('hex')
  return { path, title: sections[0]?.headings[0] ?? path, text, hash, sections, code }
}

/** Headings, paragraphs and whole fenced blocks, in order. */
function blocksOf(text: string): string[] {
  const found = text
    .replaceAll('\r\n', '\n')
    .matchAll(/^```[\s\S]*?^```$|^#{1,6} .*$|(?:^(?!```|#{1,6} ).*\S.*$\n?)+/gm)
  return [...found].map(([block]) => block.trim())
}

/** Adds a block to the section it belongs to, or begins another when that one is full or under other headings. */
function append(sections: Section[], headings: readonly string[], block: string): void {
  const last = sections.at(-1)
  const belongs = last && last.headings.join('\n') === headings.join('\n')
  if (last && belongs && last.text.length + block.length < LONGEST_SECTION) {
    sections[sections.length - 1] = { headings, text: `${last.text}\n\n${block}` }
  } else {
    sections.push({ headings, text: block })
  }
}
