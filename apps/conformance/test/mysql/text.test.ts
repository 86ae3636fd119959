import { caseVariants, sql } from '@archon-db/core/dialect'
import { describe, expect } from 'vitest'
import { KINDS, testsOn } from './stage.ts'

/** Every character up to the end of the supplementary plane's assigned scripts and symbols. */
function* characters(): Generator<string> {
  for (let code = 1; code <= 0x1ffff; code++) {
    if (code < 0xd800 || code > 0xdfff) yield String.fromCodePoint(code)
  }
}

const CASED = [...characters()].filter((char) => caseVariants(char).length > 1)

describe.each(KINDS)('%s', { timeout: 120_000 }, (kind) => {
  const onServer = testsOn(kind)

  onServer('ilike folds exactly the case pairs that core knows, character by character', async (stage) => {
    const { db, connection } = await stage.open()
    const { fragments, codecs } = connection.dialect
    const encode = codecs.encodePattern('ilike') as (pattern: string) => string
    const column = connection.dialect.schema.tables.get('archon_prompts')?.byName.get('prompt_name')
    if (!column) throw new Error('the column is gone')
    await db.delete('archon_prompts', { allRows: true })
    // The dotted capital I is nobody's pair, although databases like to think so.
    const rows = [...CASED, 'İ'].map((char) => ({ prompt_name: char, prompt: encode(char) }))
    await db.insert('archon_prompts', rows, { returning: false })
    const first = CASED.filter((char) => caseVariants(char)[0] === char)
    const forms = new Map(first.map((char) => [char, encode(char)]))
    const matches = new Map<string, string[]>()
    const look = async (among: string[]): Promise<void> => {
      const pattern = sql`p.prompt`
      const condition = fragments.match(sql`c.prompt_name`, 'ilike', pattern)
      const listed = fragments.inList(sql`p.prompt_name`, sql`${codecs.encodeList(column, false)(among)}`, column)
      const { rows: found } = await db.execute(
        sql`select p.prompt_name as one, c.prompt_name as other from archon_prompts p join archon_prompts c on ${condition} where ${listed}`,
      )
      for (const { one, other } of found) {
        const list = matches.get(String(one)) ?? []
        matches.set(String(one), [...list, String(other)])
      }
    }
    for (let start = 0; start < first.length; start += 200) await look(first.slice(start, start + 200))
    const wrong = first.filter(
      (char) => [...caseVariants(char)].sort().join() !== (matches.get(char) ?? []).sort().join(),
    )
    expect(wrong.map((char) => [char, matches.get(char), forms.get(char)])).toEqual([])
    expect(await db.count('archon_prompts', { prompt_name: { ilike: 'i' } })).toBe(3)
    expect(await db.count('archon_prompts', { prompt_name: { ilike: 'İ' } })).toBe(1)
  })

  onServer('the full-text index ends words wherever core does, and holds what core looks for', async (stage) => {
    const { db, connection } = await stage.open()
    const { fragments, tables } = connection.dialect
    const table = tables.get('archon_crawled_pages')
    if (!table) throw new Error('the table is gone')
    const separators = [...characters()].filter((char) => !/[\p{L}\p{N}\p{M}]/u.test(char) && char <= '\ud83e\udfff')
    await db.insert('archon_sources', { source_id: 's' })
    const rows = separators.map((char, n) => ({
      url: 'u',
      chunk_number: n,
      content: `before${char}foobar${char}after`,
      source_id: 's',
    }))
    await db.insert('archon_crawled_pages', rows, { returning: false })
    const find = async (prefix: string, inTransaction: boolean): Promise<number> => {
      const condition = fragments.text.candidates(table, [{ prefix, substring: false }], inTransaction)
      const { rows: found } = await db.execute(sql`select count(*) as n from archon_crawled_pages where ${condition}`)
      return Number(found[0]?.n)
    }
    expect(await find('fooba', false)).toBe(separators.length)
    expect(await find('fooba', true)).toBe(separators.length)
    await db.delete('archon_crawled_pages', { allRows: true, returning: false })
    await db.insert('archon_crawled_pages', {
      url: 'v',
      chunk_number: 1,
      content: 'It IS WHAT it is: a_b, \u212aelvin',
      source_id: 's',
    })
    // Stop words, short words, and letters that only look like others.
    for (const prefix of ['what', 'is', 'b', 'kelv']) expect(await find(prefix, false)).toBe(1)
  })
})

describe.each(KINDS)('%s with other words in its index', { timeout: 60_000 }, (kind) => {
  const onServer = testsOn(kind, ['--innodb-ft-min-token-size=6', '--innodb-ft-max-token-size=20'])

  onServer('finds short and long words all the same', async (stage) => {
    const { db } = await stage.open()
    const long = 'antidisestablishmentarianism'
    await db.insert('archon_sources', { source_id: 's' })
    await db.insert('archon_crawled_pages', { url: 'u', chunk_number: 1, content: `a pool of ${long}`, source_id: 's' })
    for (const text of ['pool', long]) expect(await db.search('archon_crawled_pages', { text })).toHaveLength(1)
  })
})
