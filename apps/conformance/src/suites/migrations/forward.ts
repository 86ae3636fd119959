import assert from 'node:assert/strict'
import type { MigrationEvent } from '@archon-db/core'
import { rejects, type SuiteBuilder } from '../../harness/index.ts'
import { BIRDS, birds, migration, rowsOf, run, songs, species } from './fixtures.ts'

const needs = ['ledger', 'sql'] as const

/** The application asks for these by name, and says that migrations are pending when one is missing. */
const ARCHON_MIGRATIONS = [
  '001_add_source_url_display_name',
  '002_add_hybrid_search_tsvector',
  '003_ollama_add_columns',
  '004_ollama_migrate_data',
  '005_ollama_create_functions',
  '006_ollama_create_indexes_optional',
  '007_add_priority_column_to_tasks',
  '008_add_migration_tracking',
  '009_add_cascading_delete_constraints',
  '010_add_provider_placeholders',
  '011_add_page_metadata_table',
]

export function forward(t: SuiteBuilder): void {
  t.behaviour('migrate.from-nothing', { needs }, async ({ fresh }) => {
    const { db } = await fresh({ migrated: false })
    const before = await db.migrations.status()
    assert.deepEqual(before.applied, [])
    assert.equal(before.pending.length, before.total)
    assert.deepEqual(await db.migrations.tables(), [])
    const { applied, total } = await db.migrate()
    assert.deepEqual(
      applied.map(({ version }) => version),
      before.pending.map(({ version }) => version),
    )
    assert.equal(total, before.total)
    const { pending, drift, applied: inPlace } = await db.migrations.status()
    assert.deepEqual({ pending, drift }, { pending: [], drift: [] })
    assert.deepEqual(
      inPlace.map(({ version, name, baselined }) => ({ version, name, baselined })),
      before.pending.map(({ version, name }) => ({ version, name, baselined: false })),
    )
    assert.deepEqual(await db.migrations.tables(), [...db.schema.tables.keys()])
  })

  t.behaviour('migrate.twice-does-nothing', { needs }, async ({ fresh }) => {
    const { db } = await fresh()
    const before = await db.migrations.status()
    const statements: string[] = []
    db.onQuery(({ text }) => statements.push(text))
    assert.deepEqual((await db.migrate()).applied, [])
    assert.deepEqual(statements, [])
    assert.deepEqual(await db.migrations.status(), before)
  })

  t.behaviour('migrate.seeds', { needs }, async ({ fresh }) => {
    const { db } = await fresh()
    assert.equal(await db.count('archon_settings'), 45)
    assert.equal(await db.count('archon_prompts'), 3)
    const { rows } = await db.select<{ migration_name: string }>('archon_migrations', {
      columns: ['migration_name'],
      orderBy: ['migration_name'],
    })
    assert.deepEqual(
      rows.map((row) => row.migration_name),
      ARCHON_MIGRATIONS,
    )
  })

  t.behaviour('migrate.to-a-version', { needs }, async ({ fresh }) => {
    const { db } = await fresh({ migrated: false })
    const migrations = db.migrations.over(BIRDS)
    assert.deepEqual(versions((await migrations.migrate({ to: 2 })).applied), [1, 2])
    assert.deepEqual(versions((await migrations.status()).pending), [3])
    assert.deepEqual(versions((await migrations.migrate()).applied), [3])
    await rejects(migrations.migrate({ to: 4 }), 'invalid_input', { messageIncludes: '4' })
  })

  t.behaviour('migrate.reports-progress', { needs }, async ({ fresh }) => {
    const { db } = await fresh({ migrated: false })
    const events: MigrationEvent[] = []
    await db.migrations.over([birds, songs]).migrate({ onProgress: (event) => events.push(event) })
    const ended = events.filter((event) => event.type === 'done')
    assert.deepEqual(versions(ended), [1, 2])
    assert.deepEqual(
      events.flatMap((event) => (event.type === 'statement' ? [[event.version, event.statement]] : [])),
      [
        [1, 1],
        [1, 2],
        [1, 3],
        [1, 4],
        [1, 5],
        [2, 1],
        [2, 2],
      ],
    )
    assert.deepEqual(
      events.flatMap((event) => (event.type === 'batch' ? [event.rows] : [])),
      [1, 1, 1, 0],
    )
  })

  t.behaviour('pending.late-number-is-found', { needs }, async ({ fresh }) => {
    const { db } = await fresh({ migrated: false })
    const late = migration(2, 'late', { up: ['create table late (id integer)'], down: ['drop table late'] })
    const newer = migration(4, 'newer', { up: ['create table newer (id integer)'], down: ['drop table newer'] })
    await db.migrations.over([birds, newer]).migrate()
    const merged = db.migrations.over([birds, late, newer])
    assert.deepEqual((await merged.status()).pending, [{ version: 2, name: 'late', late: true }])
    const { applied } = await merged.migrate()
    assert.deepEqual(
      applied.map(({ version, late: isLate }) => ({ version, isLate })),
      [{ version: 2, isLate: true }],
    )
    assert.deepEqual((await merged.status()).pending, [])
    assert.deepEqual(await rowsOf(db, 'select id from late'), [])
  })

  t.behaviour('plan.is-what-runs', { needs }, async ({ fresh }) => {
    const { db } = await fresh({ migrated: false })
    const migrations = db.migrations.over(BIRDS)
    const { steps } = await migrations.plan()
    assert.deepEqual(
      steps.map(({ version, dataStep, statements }) => ({ version, dataStep, statements: statements.length })),
      [
        { version: 1, dataStep: false, statements: 5 },
        { version: 2, dataStep: true, statements: 2 },
        { version: 3, dataStep: false, statements: 2 },
      ],
    )
    assert.deepEqual((await migrations.status()).applied, [], 'a plan changes nothing')
    const ran: string[] = []
    db.onQuery(({ text }) => ran.push(text))
    await migrations.migrate()
    assert.deepEqual(
      ran,
      steps.flatMap(({ statements }) => statements),
    )
    assert.deepEqual((await migrations.plan()).steps, [])
  })

  t.behaviour('data-step.runs-once-for-each-batch', { needs }, async ({ fresh }) => {
    const { db } = await fresh({ migrated: false })
    await db.migrations.over([birds, songs]).migrate()
    assert.deepEqual(await rowsOf(db, 'select bird from visits order by bird'), [{ bird: 1 }, { bird: 2 }, { bird: 3 }])
    assert.deepEqual(await rowsOf(db, 'select song from birds order by id'), [
      { song: 'WREN' },
      { song: 'ROOK' },
      { song: 'KITE' },
    ])
  })

  t.behaviour('data-step.moves-rows-of-the-time-before', { needs }, async ({ fresh }) => {
    const { db } = await fresh({ migrated: false })
    const migrations = db.migrations.over([birds, songs])
    await migrations.migrate({ to: 1 })
    await run(db, "insert into birds (id, name) values (4, 'heron')")
    await migrations.migrate()
    assert.deepEqual(await rowsOf(db, 'select id, song from birds where id >= 3 order by id'), [
      { id: 3, song: 'KITE' },
      { id: 4, song: 'HERON' },
    ])
  })

  t.behaviour('data-step.goes-on-where-it-failed', { needs }, async ({ fresh }) => {
    const { db } = await fresh({ migrated: false })
    let attempts = 0
    const failing = {
      ...songs,
      step: {
        up: async (...[database, cursor]: Parameters<NonNullable<typeof songs.step>['up']>) => {
          if (cursor === '2' && attempts++ === 0) throw new Error('the third bird is shy')
          return songs.step?.up(database, cursor) ?? { cursor: null, rows: 0 }
        },
      },
    }
    const migrations = db.migrations.over([birds, failing, species])
    await rejects(migrations.migrate(), 'migration_failed', { messageIncludes: ['0002_songs', '2 batches', 'migrate'] })
    assert.deepEqual(versions((await migrations.status()).pending), [2, 3])
    await migrations.migrate()
    assert.deepEqual(await rowsOf(db, 'select bird from visits order by bird'), [{ bird: 1 }, { bird: 2 }, { bird: 3 }])
  })
}

export function versions(list: readonly { readonly version: number }[]): number[] {
  return list.map(({ version }) => version)
}
