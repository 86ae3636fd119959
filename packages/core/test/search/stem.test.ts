import { describe, expect, test } from 'vitest'
import { stem, stemPrefix } from '../../src/search/stem.ts'
import { seededRandom } from './random.ts'

const STEMS: Record<string, string> = {
  'too short or no English': 'a:a by:by is:is café:café cafés:cafés utf8s:utf8s 日本:日本',
  irregular:
    'skis:ski skies:sky dying:die lying:lie tying:tie idly:idl gently:gentl ugly:ugli early:earli only:onli singly:singl sky:sky news:news howe:howe atlas:atlas cosmos:cosmos bias:bias andes:andes',
  'irregular after the plural':
    'inning:inning innings:inning outings:outing canning:canning herrings:herring earring:earring proceeds:proceed exceed:exceed succeeds:succeed',
  'y as a consonant': 'youth:youth boy:boy boys:boy boyish:boyish sayings:say enjoying:enjoy yes:yes yields:yield',
  'regions set by hand':
    'generate:generat generic:generic general:general communism:communism community:communiti arsenal:arsenal',
  '1a': 'caresses:caress ties:tie tied:tie cries:cri cried:cri gas:gas gaps:gap this:this kiwis:kiwi bus:bus glass:glass focus:focus databases:databas',
  '1b': 'feed:feed agreed:agre agreedly:agre luxuriated:luxuri hopping:hop hoping:hope hoped:hope troubling:troubl sized:size sing:sing bring:bring running:run falling:fall filled:fill using:use markedly:mark knowingly:know egged:eg bled:bled',
  '1c': 'cry:cri happy:happi say:say play:play query:queri',
  '2': 'conditional:condit rational:ration valenci:valenc hesitancy:hesit capably:capabl consistently:consist organizer:organ organization:organ relational:relat creation:creation operator:oper formalism:formal formality:formal normally:normal hopefulness:hope nervousness:nervous previously:previous activeness:activ sensitivity:sensit sensibility:sensibl possibly:possibl analogy:analog pedagogy:pedagogi hopefully:hope carelessly:careless quickly:quick holy:holi',
  '3': 'traditional:tradit educational:educ formalize:formal duplicate:duplic duplicates:duplic authenticity:authent electrical:electr useful:use goodness:good demonstrative:demonstr native:nativ',
  '4': 'revival:reviv allowance:allow inference:infer airliner:airlin gyroscopic:gyroscop adjustable:adjust defensible:defens irritant:irrit replacement:replac adjustment:adjust dependent:depend adoption:adopt decision:decis action:action communion:communion mechanism:mechan activate:activ angularity:angular homologous:homolog effective:effect bowdlerize:bowdler',
  '5': 'probate:probat rate:rate cease:ceas controlling:control roll:roll enable:enabl hope:hope cached:cach caching:cach cache:cach',
  'words of the trade':
    'connection:connect connections:connect connected:connect connecting:connect connect:connect vectors:vector embeddings:embed indexes:index indices:indic retries:retri transactions:transact migrations:migrat settings:set',
}

describe('stem', () => {
  test.each(Object.entries(STEMS))('%s', (_step, pairs) => {
    const expected = pairs.split(' ').map((pair) => pair.split(':'))
    expect(expected.map(([word]) => [word, stem(word!)])).toEqual(expected)
  })
})

describe('stemPrefix', () => {
  test('reaches no further than the words of a stem agree', () => {
    const prefixes = ['cri', 'sky', 'die', 'hope', 'sensibl', 'possibl', 'connect', 'queri', 'be', 'café', 'naïve']
    expect(prefixes.map(stemPrefix)).toEqual([
      'cr',
      'sk',
      'd',
      'hop',
      'sensib',
      'possib',
      'connect',
      'quer',
      'be',
      'café',
      'naïve',
    ])
  })

  test('begins every word of the stem, and the stem, over a generated vocabulary', () => {
    const random = seededRandom()
    const lost: string[] = []
    for (let i = 0; i < 100_000; i++) {
      const word = makeWord(random)
      const stemmed = stem(word)
      const prefix = stemPrefix(stemmed)
      if (prefix === '' || !word.startsWith(prefix) || !stemmed.startsWith(prefix))
        lost.push(`${word} ${stemmed} ${prefix}`)
    }
    expect(lost).toEqual([])
  })

  test('begins every word there is of up to six of the letters that the rules turn on', () => {
    const lost: string[] = []
    let words = ['']
    for (let length = 1; length <= 6; length++) {
      words = words.flatMap((word) => [...'abeilty'].map((letter) => word + letter))
      for (const word of words) {
        const prefix = stemPrefix(stem(word))
        if (prefix === '' || !word.startsWith(prefix)) lost.push(word)
      }
    }
    expect(words.length).toBe(7 ** 6)
    expect(lost).toEqual([])
  })
})

const ENDINGS =
  's es ed ing ingly edly eed y ies ied ly li ational tional ation ator izer ization alism ality ally fulness ously ousness iveness ivity bility ably ible able ance ancy ency ement ment ent er ical icate icity ative ize ate ous ive ion ogy ful ness lessly e ll at bl iz'.split(
    ' ',
  )

function makeWord({ below, pick }: ReturnType<typeof seededRandom>): string {
  const root = Array.from({ length: 1 + below(5) }, () => pick([...'aaeeiioubcdglnrsttyz'])).join('')
  return root + Array.from({ length: below(4) }, () => pick(ENDINGS)).join('')
}
