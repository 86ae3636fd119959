import { type Suite, suite } from '../../harness/index.ts'
import { fullText } from './fulltext.ts'
import { hybrid } from './hybrid.ts'
import { vectors } from './vector.ts'

export const fulltextSuite: Suite = suite('fulltext', fullText)
export const vectorSuite: Suite = suite('vector', vectors)
export const hybridSuite: Suite = suite('hybrid', hybrid)
