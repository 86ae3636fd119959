import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { SEEDS } from '../../core/src/seeds.ts'
import { migrate, openMigrated, type TestDatabase } from './migrated.ts'

let db: TestDatabase
beforeAll(async () => {
  db = await openMigrated()
})
afterAll(() => db.close())

describe('the seeds', () => {
  test('are stored as core lists them', async () => {
    await migrate(db.client, '0002_seed', 'up')
    const settings = await db.rows(
      `select id, key, value, is_encrypted, category, description from archon_settings order by rowid`,
    )
    expect(settings).toEqual(
      SEEDS.settings.map(({ isEncrypted, ...rest }) => ({ ...rest, is_encrypted: isEncrypted ? 1 : 0 })),
    )
    expect(
      await db.rows(`select id, prompt_name as name, prompt, description from archon_prompts order by rowid`),
    ).toEqual(SEEDS.prompts)
    expect(await db.rows(`select id, version, migration_name as name from archon_migrations order by rowid`)).toEqual(
      SEEDS.migrations,
    )
  })

  test('are as many of each kind as in the reference', async () => {
    const categories = await db.rows(
      `select category, count(*) as count from archon_settings group by category order by category`,
    )
    expect(Object.fromEntries(categories.map(({ category, count }) => [category, count]))).toEqual({
      api_keys: 5,
      code_extraction: 12,
      features: 1,
      monitoring: 1,
      rag_strategy: 23,
      server_config: 3,
    })
    expect(SEEDS.prompts).toHaveLength(3)
    expect(SEEDS.migrations).toHaveLength(11)
  })

  test('leave only what was added since', async () => {
    await db.rows(`insert into archon_settings (key) values ('MINE')`)
    await migrate(db.client, '0002_seed', 'down')
    expect(await db.rows(`select key from archon_settings`)).toEqual([{ key: 'MINE' }])
    expect(
      await db.value(`select (select count(*) from archon_prompts) + (select count(*) from archon_migrations)`),
    ).toBe(0)
    await db.rows(`delete from archon_settings`)
  })
})
