/**
 * English words too common to search for: the 127 that PostgreSQL's English configuration leaves out, the single
 * letters and `don` being what an apostrophe leaves of "it's" and "don't". They match nothing, in queries and in texts.
 */
const STOP_WORDS: ReadonlySet<string> = new Set(
  [
    'i me my myself we our ours ourselves you your yours yourself yourselves',
    'he him his himself she her hers herself it its itself they them their theirs themselves',
    'what which who whom this that these those when where why how here there',
    'am is are was were be been being have has had having do does did doing can will should don s t',
    'a an the and but if or because as until while than so nor no not',
    'of at by for with about against between into through during before after above below',
    'to from up down in out on off over under again further then once now just',
    'all any both each few more most other some such only own same too very',
  ].flatMap((line) => line.split(' ')),
)

export function isStopWord(word: string): boolean {
  return STOP_WORDS.has(word)
}
