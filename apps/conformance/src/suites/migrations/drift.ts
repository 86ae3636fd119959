import assert from 'node:assert/strict'
import type { Database, Migration, SchemaDifference } from '@archon-db/core'
import { rejects, type SuiteBuilder } from '../../harness/index.ts'
import { BIRDS, birds, migration, run, runOne, songs, species } from './fixtures.ts'
import { versions } from './forward.ts'

const needs = ['ledger', 'sql'] as const

/** The same work in another text. */
const edited: Migration = { ...birds, up: birds.up.replace("'wren'", "'robin'") }

export function drift(t: SuiteBuilder): void {
  ledgerDrift(t)
  repairing(t)
  schemaDrift(t)
}

function ledgerDrift(t: SuiteBuilder): void {
  t.behaviour('checksum.edited-migration-is-an-error', { needs }, async ({ fresh }) => {
    const { db } = await fresh({ migrated: false })
    await db.migrations.over([birds]).migrate()
    const migrations = db.migrations.over([edited, songs])
    const found = (await migrations.status()).drift
    assert.deepEqual(
      found.map(({ kind, version, name }) => ({ kind, version, name })),
      [{ kind: 'edited', version: 1, name: 'birds' }],
    )
    await rejects(migrations.migrate(), 'migration_drift', { messageIncludes: ['0001_birds', 'repair'] })
    assert.deepEqual(versions((await migrations.status()).pending), [2], 'nothing runs on top of an edited migration')
  })

  t.behaviour('checksum.line-ends-do-not-count', { needs }, async ({ fresh }) => {
    const { db } = await fresh({ migrated: false })
    await db.migrations.over([birds]).migrate()
    const onWindows = { ...birds, up: birds.up.replaceAll('\n', '\r\n') }
    assert.deepEqual((await db.migrations.over([onWindows]).status()).drift, [])
  })

  t.behaviour('ledger.newer-database', { needs }, async ({ fresh }) => {
    const { db } = await fresh({ migrated: false })
    await db.migrations.over(BIRDS).migrate()
    const older = db.migrations.over([birds, songs])
    await rejects(older.migrate(), 'migration_drift', {
      messageIncludes: ['newer than this package', '0003_species', 'Upgrade'],
    })
    await rejects(older.rollback({ acceptDataLoss: true }), 'migration_drift', { messageIncludes: '0003_species' })
    assert.deepEqual(versions((await older.status()).applied), [1, 2, 3])
  })

  t.behaviour('ledger.renamed-migration', { needs }, async ({ fresh }) => {
    const { db } = await fresh({ migrated: false })
    await db.migrations.over([birds]).migrate()
    const other = migration(1, 'fish', { up: ['create table fish (id integer)'], down: ['drop table fish'] })
    await rejects(db.migrations.over([other]).migrate(), 'migration_drift', {
      messageIncludes: ['birds', 'fish', 'next free number'],
    })
  })
}

function repairing(t: SuiteBuilder): void {
  t.behaviour('repair.records-the-present-text', { needs }, async ({ fresh }) => {
    const { db } = await fresh({ migrated: false })
    await db.migrations.over([birds]).migrate()
    const migrations = db.migrations.over([edited, songs])
    const { repaired } = await migrations.repair()
    assert.deepEqual(versions(repaired), [1])
    assert.deepEqual((await migrations.status()).drift, [])
    assert.deepEqual(versions((await migrations.migrate()).applied), [2])
    assert.deepEqual((await migrations.repair()).repaired, [])
  })

  t.behaviour('repair.leaves-unknown-migrations-alone', { needs }, async ({ fresh }) => {
    const { db } = await fresh({ migrated: false })
    await db.migrations.over([birds, songs]).migrate()
    const older = db.migrations.over([birds])
    assert.deepEqual((await older.repair()).repaired, [])
    assert.deepEqual(
      (await older.status()).drift.map(({ kind }) => kind),
      ['unknown'],
    )
  })
}

function schemaDrift(t: SuiteBuilder): void {
  t.behaviour('deep.nothing-after-migrating', { needs }, async ({ fresh }) => {
    const { db } = await fresh()
    assert.deepEqual((await db.migrations.deepStatus()).schema, [])
  })

  t.behaviour('deep.nothing-at-any-version', { needs }, async ({ fresh }) => {
    const { db } = await fresh({ migrated: false })
    for (const { version } of (await db.migrations.status()).pending) {
      await db.migrate({ to: version })
      assert.deepEqual((await db.migrations.deepStatus()).schema, [], `at version ${version}`)
    }
  })

  t.behaviour('deep.lists-every-difference', { needs }, async ({ fresh }) => {
    const { db } = await fresh()
    await run(db, 'alter table archon_tasks add column added_by_hand integer not null default 0')
    await run(db, 'alter table archon_projects drop column github_repo')
    await runOne(db, 'drop index idx_archon_tasks_assignee', 'drop index idx_archon_tasks_assignee on archon_tasks')
    await run(db, 'create index by_hand on archon_tasks (task_order)')
    const [trigger] = await triggersOf(db, 'archon_prompts')
    if (trigger) await runOne(db, `drop trigger ${trigger}`, `drop trigger ${trigger} on archon_prompts`)
    await run(db, 'drop table archon_agent_work_order_steps')
    const found = (await db.migrations.deepStatus()).schema
    assert.deepEqual(
      found.map(shortly).sort(),
      [
        'missing column github_repo of archon_projects',
        'missing index idx_archon_tasks_assignee of archon_tasks',
        'missing table archon_agent_work_order_steps',
        ...(trigger ? [`missing trigger ${trigger} of archon_prompts`] : []),
        'unexpected column added_by_hand of archon_tasks',
        'unexpected index by_hand of archon_tasks',
      ].sort(),
    )
  })

  t.behaviour('deep.changes-nothing', { needs }, async ({ fresh }) => {
    const { db } = await fresh()
    const before = await db.migrations.introspect()
    await db.migrations.deepStatus()
    assert.deepEqual(await db.migrations.introspect(), before)
  })

  t.behaviour('deep.knows-what-other-migrations-made', { needs }, async ({ fresh }) => {
    const { db } = await fresh({ migrated: false })
    const migrations = db.migrations.over([birds, songs, species])
    await migrations.migrate()
    assert.deepEqual((await migrations.deepStatus()).schema, [])
    await run(db, 'drop table visits')
    assert.deepEqual((await migrations.deepStatus()).schema.map(shortly), ['missing table visits'])
  })
}

/** Not every database needs one, and names differ. */
async function triggersOf(db: Database, table: string): Promise<readonly string[]> {
  return (await db.migrations.introspect()).tables.get(table)?.triggers ?? []
}

function shortly({ kind, object, name, table }: SchemaDifference): string {
  return `${kind} ${object} ${name}${table === undefined ? '' : ` of ${table}`}`
}
