import assert from 'node:assert/strict'
import { rejects, type SuiteBuilder } from '../../harness/index.ts'
import { NULLABLE_TEXT, roundTrip, TEXT, VARCHAR } from './round-trip.ts'
import { refuseAll } from './scalars.ts'

/** One sample of every block that some encoding or engine is known to spoil. */
const SAMPLES: Readonly<Record<string, readonly string[]>> = {
  ascii: ['', ' ', '  a  ', Array.from({ length: 126 }, (_, i) => String.fromCharCode(i + 1)).join('')],
  latin: ['é', 'e\u0301', 'ÿ', '\u0080\u0085\u009f', '\u00a0', 'ß', 'Æ'],
  'line-breaks': ['\n', '\r', '\r\n', 'a\n\nb\r', '\u2028', '\u2029', '\u0085', '\v\f'],
  quoting: ["'", "''", '"', '\\', '\\\\', "\\'", '\\n', '\\0', '\\x00', '`', '$1', '$$', ':a', '?', '@v', '%s', '{}', '/*', '--', ';', "E'\\n'"],
  scripts: ['Ελληνικά', 'Кириллица', 'עִבְרִית', 'العربية', 'हिन्दी', 'ไทย', '日本語', '한국어', '漢字', 'ⵜⵉⴼⵉⵏⴰⵖ'],
  'beyond-the-basic-plane': ['😀', '👩‍👩‍👧‍👦', '🏳️‍🌈', '𝒜', '𠀀', '\u{1f1e9}\u{1f1ea}', '\u{10000}', '\u{e0041}', '\u{10ffff}', '\u{10fffe}'],
  'ends-of-planes': ['\ud7ff', '\ue000', '\uf8ff', '\ufdd0', '\ufffd', '\ufffe', '\uffff', '\u{1ffff}', '\u{20000}', '\u{2ffff}', '\u{30000}', '\u{f0000}'],
  invisible: ['\ufeff', '\ufeffa', 'a\ufeff', '\u200b', '\u200d', '\u2060', '\u00ad', '\u202e', '\u0001', '\u001f', '\u007f'],
  lookalikes: ['null', 'NULL', 'undefined', 'true', '0', '1e3', '-0', 'NaN', '[]', '{}', '"a"', '2024-01-01', 'Infinity'],
} // biome-ignore format: lists

export function texts(t: SuiteBuilder): void {
  for (const [name, values] of Object.entries(SAMPLES))
    t.behaviour(`text.${name}`, async ({ db }) => roundTrip(db, TEXT, values))
  t.behaviour('text.every-plane-in-one', async ({ db }) => {
    const points = Array.from({ length: 0x110 }, (_, i) => i * 0x1000 + 0x41).filter(
      (point) => point < 0xd800 || point > 0xdfff,
    )
    await roundTrip(db, TEXT, [String.fromCodePoint(...points)])
  })
  t.behaviour('text.random-code-points', async ({ db, random }) => {
    const point = (): number => {
      const any = random.integer(1, 0x10ffff)
      return any >= 0xd800 && any <= 0xdfff ? any - 0x2000 : any
    }
    await roundTrip(
      db,
      TEXT,
      Array.from({ length: 20 }, () => String.fromCodePoint(...Array.from({ length: 200 }, point))),
    )
  })
  t.behaviour('text.null-is-not-empty', async ({ db }) => {
    await roundTrip(db, NULLABLE_TEXT, [null, ''])
    assert.equal(await db.count('archon_tasks', { feature: '' }), 1)
    assert.equal(await db.count('archon_tasks', { feature: null }), 1)
  })
  t.behaviour('text.refused', async ({ db }) => {
    await refuseAll(db, TEXT, [5, 5n, true, {}, [], ['a'], new Date(0), Symbol('a'), () => 'a', new String('a')])
  })
  t.behaviour('text.zero-character-refused', async ({ db }) => {
    for (const text of ['\0', 'a\0', '\0a', 'a\0b'])
      await rejects(db.insert('archon_prompts', { prompt_name: 'n', prompt: text }), 'invalid_input', {
        column: 'prompt',
        messageIncludes: 'U+0000',
      })
    await rejects(db.insert('archon_prompts', { prompt_name: 'a\0', prompt: 'x' }), 'invalid_input', {
      column: 'prompt_name',
    })
    await rejects(db.update('archon_prompts', { prompt: '\0' }, { allRows: true }), 'invalid_input', {
      column: 'prompt',
    })
    await rejects(db.upsert('archon_sources', { source_id: 'a\0' }), 'invalid_input', { column: 'source_id' })
    assert.equal(await db.count('archon_prompts'), 0)
  })
  t.behaviour('text.half-a-character-refused', async ({ db }) => {
    await refuseAll(db, TEXT, ['\ud800', '\udc00', 'a\ud83d', '\ude00b', '\ude00\ud83d', '😀\ud83d'])
  })
  varchars(t)
}

function varchars(t: SuiteBuilder): void {
  t.behaviour('varchar.counts-code-points', async ({ db }) => {
    await roundTrip(db, VARCHAR, ['a'.repeat(100), '😀'.repeat(100), 'é'.repeat(100), '漢'.repeat(100)])
  })
  t.behaviour('varchar.too-long', async ({ db }) => {
    for (const category of ['a'.repeat(101), '😀'.repeat(101), 'a'.repeat(100_000), `${'a'.repeat(100)} `])
      await rejects(db.insert('archon_settings', { key: 'k', category }), 'invalid_input', {
        column: 'category',
        messageIncludes: '100',
      })
    await db.insert('archon_settings', { key: 'k' })
    await rejects(db.update('archon_settings', { category: 'a'.repeat(101) }, { allRows: true }), 'invalid_input', {
      column: 'category',
    })
  })
  t.behaviour('varchar.trailing-space-is-kept', async ({ db }) => {
    await roundTrip(db, VARCHAR, ['a ', ' a', '   ', ''])
  })
  t.behaviour('varchar.looking-for-something-longer', async ({ db }) => {
    await db.insert('archon_settings', { key: 'a'.repeat(255) })
    const longer = 'a'.repeat(256)
    assert.equal(await db.count('archon_settings', { key: longer }), 0)
    assert.equal(await db.count('archon_settings', { key: { ne: longer } }), 1)
    assert.equal(await db.count('archon_settings', { key: { in: [longer, 'a'.repeat(255)] } }), 1)
    assert.equal(await db.count('archon_settings', { key: { lt: longer } }), 1)
  })
}
