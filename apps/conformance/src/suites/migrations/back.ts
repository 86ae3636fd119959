import assert from 'node:assert/strict'
import { rejects, type SuiteBuilder } from '../../harness/index.ts'
import { BIRDS, birds, migration, rowsOf, run, songs } from './fixtures.ts'
import { versions } from './forward.ts'

const needs = ['ledger', 'sql'] as const

export function back(t: SuiteBuilder): void {
  rollingBack(t)
  failing(t)
  baselining(t)
  resetting(t)
}

function rollingBack(t: SuiteBuilder): void {
  t.behaviour('down.every-migration-leaves-the-schema-before-it', { needs, limitMs: 120_000 }, async ({ fresh }) => {
    const { db } = await fresh({ migrated: false })
    const { migrations } = db
    const numbers = versions((await migrations.status()).pending)
    // Taking all out once leaves the ledger's own table, which belongs to no migration.
    await db.migrate()
    await migrations.rollback({ to: 0, acceptDataLoss: true })
    assert.deepEqual(await migrations.tables(), [])
    for (const version of numbers) {
      const before = await migrations.introspect()
      await db.migrate({ to: version })
      const after = await migrations.introspect()
      await migrations.rollback({ acceptDataLoss: true })
      assert.deepEqual(await migrations.introspect(), before, `after taking out ${version}`)
      await db.migrate({ to: version })
      assert.deepEqual(await migrations.introspect(), after, `after bringing ${version} back`)
    }
  })

  t.behaviour('down.keeps-data-where-it-can', { needs }, async ({ fresh }) => {
    const { db } = await fresh({ migrated: false })
    const migrations = db.migrations.over(BIRDS)
    await migrations.migrate()
    assert.deepEqual(await rowsOf(db, 'select species from birds order by id'), [
      { species: 'Wren' },
      { species: 'rook' },
      { species: 'kite' },
    ])
    await migrations.rollback({ to: 1 })
    assert.deepEqual(await rowsOf(db, 'select name from birds order by id'), [
      { name: 'wren' },
      { name: 'rook' },
      { name: 'kite' },
    ])
    await migrations.migrate()
    assert.deepEqual(await rowsOf(db, 'select bird from visits order by bird'), [{ bird: 1 }, { bird: 2 }, { bird: 3 }])
  })

  t.behaviour('rollback.steps-and-targets', { needs }, async ({ fresh }) => {
    const { db } = await fresh({ migrated: false })
    const migrations = db.migrations.over(BIRDS)
    await migrations.migrate()
    assert.deepEqual(versions((await migrations.rollback()).reverted), [3])
    await migrations.migrate()
    assert.deepEqual(versions((await migrations.rollback({ steps: 2 })).reverted), [3, 2])
    await migrations.migrate()
    assert.deepEqual(versions((await migrations.rollback({ to: 2 })).reverted), [3])
    assert.deepEqual(versions((await migrations.status()).pending), [3])
    await rejects(migrations.rollback({ to: 3 }), 'invalid_input', { messageIncludes: '3' })
    await rejects(migrations.rollback({ steps: 0 }), 'invalid_input')
    await rejects(migrations.rollback({ steps: 1, to: 1 }), 'invalid_input')
  })

  t.behaviour('rollback.asks-before-data-is-lost', { needs }, async ({ fresh }) => {
    const { db } = await fresh({ migrated: false })
    const migrations = db.migrations.over(BIRDS)
    await migrations.migrate()
    const plan = await migrations.planRollback({ to: 0 })
    assert.deepEqual(
      plan.steps.map(({ version, losesData, partial, statements }) => ({ version, losesData, partial, statements })),
      [
        {
          version: 3,
          losesData: false,
          partial: false,
          statements: BIRDS[2]?.down.split('\n--> statement-breakpoint\n'),
        },
        {
          version: 2,
          losesData: false,
          partial: false,
          statements: BIRDS[1]?.down.split('\n--> statement-breakpoint\n'),
        },
        { version: 1, losesData: true, partial: false, statements: ['drop table nests', 'drop table birds'] },
      ],
    )
    assert.equal(plan.losesData, true)
    await rejects(migrations.rollback({ to: 0 }), 'invalid_input', {
      messageIncludes: ['0001_birds', 'acceptDataLoss', '--yes'],
    })
    assert.deepEqual(versions((await migrations.status()).applied), [1, 2, 3], 'nothing was taken out')
    await migrations.rollback({ to: 0, acceptDataLoss: true })
    assert.deepEqual((await migrations.status()).applied, [])
  })

  t.behaviour('rollback.of-nothing', { needs }, async ({ fresh }) => {
    const { db } = await fresh({ migrated: false })
    const migrations = db.migrations.over([])
    assert.deepEqual((await migrations.rollback()).reverted, [])
  })
}

const broken = {
  up: [
    'create table eggs (id integer not null primary key)',
    'insert into eggs (id) values (1)',
    'insert into eggs (id) values (1)',
    'create table shells (id integer not null primary key)',
  ],
  down: ['drop table shells', 'drop table eggs'],
}
const eggs = migration(1, 'eggs', broken)
const mended = migration(1, 'eggs', { ...broken, up: broken.up.with(2, 'insert into eggs (id) values (2)') })

function failing(t: SuiteBuilder): void {
  t.behaviour('failure.names-the-statement', { needs }, async ({ fresh, backend }) => {
    const { db } = await fresh({ migrated: false })
    const migrations = db.migrations.over([eggs])
    const outcome = backend.traits.transactionalDdl ? 'rolled back' : 'Statements 1 to 2 are in place'
    const error = await rejects(migrations.migrate(), 'migration_failed', {
      messageIncludes: ['0001_eggs/up.sql failed at statement 3 of 4', outcome, 'migrate'],
      messageExcludes: 'values (1)',
    })
    assert.ok(error.cause instanceof Error)
    const { pending, applied } = await migrations.status()
    const interrupted = backend.traits.transactionalDdl ? {} : { interrupted: { direction: 'up', statements: 2 } }
    assert.deepEqual(
      { pending, applied },
      { pending: [{ version: 1, name: 'eggs', late: false, ...interrupted }], applied: [] },
    )
  })

  t.behaviour('failure.mended-and-run-again', { needs }, async ({ fresh }) => {
    const { db } = await fresh({ migrated: false })
    await rejects(db.migrations.over([eggs]).migrate(), 'migration_failed')
    await db.migrations.over([mended]).migrate()
    assert.deepEqual(await rowsOf(db, 'select id from eggs order by id'), [{ id: 1 }, { id: 2 }])
    assert.deepEqual(await rowsOf(db, 'select id from shells'), [])
  })

  t.behaviour('failure.undone-by-rollback', { needs }, async ({ fresh }) => {
    const { db } = await fresh({ migrated: false })
    const migrations = db.migrations.over([eggs])
    await rejects(migrations.migrate(), 'migration_failed')
    await migrations.rollback()
    assert.deepEqual((await migrations.status()).pending, [{ version: 1, name: 'eggs', late: false }])
    assert.deepEqual((await migrations.introspect()).tables.has('eggs'), false)
  })

  t.behaviour('failure.journalled-where-the-migration-asks-for-it', { needs }, async ({ fresh }) => {
    const { db } = await fresh({ migrated: false })
    const alone = { ...eggs, meta: { losesData: false, transaction: false } }
    const migrations = db.migrations.over([alone])
    await rejects(migrations.migrate(), 'migration_failed', { messageIncludes: 'Statements 1 to 2 are in place' })
    assert.deepEqual((await migrations.status()).pending, [
      { version: 1, name: 'eggs', late: false, interrupted: { direction: 'up', statements: 2 } },
    ])
    await db.migrations.over([{ ...mended, meta: alone.meta }]).migrate()
    assert.deepEqual(await rowsOf(db, 'select id from eggs order by id'), [{ id: 1 }, { id: 2 }])
  })

  t.behaviour('failure.keeps-earlier-migrations', { needs }, async ({ fresh }) => {
    const { db } = await fresh({ migrated: false })
    const migrations = db.migrations.over([birds, { ...eggs, version: 2 }])
    await rejects(migrations.migrate(), 'migration_failed')
    assert.deepEqual(versions((await migrations.status()).applied), [1])
    assert.equal((await rowsOf(db, 'select id from birds')).length, 3)
  })
}

function baselining(t: SuiteBuilder): void {
  t.behaviour('baseline.records-without-running', { needs }, async ({ fresh }) => {
    const { db } = await fresh({ migrated: false })
    for (const statement of birds.up.split('--> statement-breakpoint')) await run(db, statement)
    const migrations = db.migrations.over([birds, songs])
    const { recorded } = await migrations.baseline({ version: 1 })
    assert.deepEqual(recorded, [{ version: 1, name: 'birds' }])
    const { applied, pending } = await migrations.status()
    assert.deepEqual(
      applied.map(({ version, baselined }) => ({ version, baselined })),
      [{ version: 1, baselined: true }],
    )
    assert.deepEqual(versions(pending), [2])
    assert.deepEqual(versions((await migrations.migrate()).applied), [2])
    assert.deepEqual((await migrations.baseline({ version: 2 })).recorded, [])
  })

  t.behaviour('baseline.refuses-what-does-not-fit', { needs }, async ({ fresh }) => {
    const { db } = await fresh({ migrated: false })
    const migrations = db.migrations.over([birds])
    await rejects(migrations.baseline({ version: 1 }), 'migration_drift', {
      messageIncludes: ['birds', 'nests', 'force'],
    })
    assert.deepEqual((await migrations.status()).applied, [])
    await rejects(migrations.baseline({ version: 2 }), 'invalid_input')
    const forced = await migrations.baseline({ version: 1, force: true })
    assert.deepEqual(versions(forced.recorded), [1])
    assert.ok(forced.differences.some(({ name }) => name === 'birds'))
  })
}

function resetting(t: SuiteBuilder): void {
  t.behaviour('reset.starts-over', { needs }, async ({ fresh }) => {
    const { db } = await fresh()
    await db.delete('archon_settings', { allRows: true })
    await db.insert('archon_prompts', { prompt_name: 'mine', prompt: 'text' })
    const before = await db.migrations.introspect()
    const { reverted, applied } = await db.migrations.reset()
    assert.deepEqual(versions(reverted), versions(applied).reverse())
    assert.equal(await db.count('archon_settings'), 45)
    assert.equal(await db.count('archon_prompts'), 3)
    assert.deepEqual(await db.migrations.introspect(), before)
  })

  t.behaviour('reset.refuses-where-data-is', { needs }, async ({ fresh }) => {
    const { db } = await fresh()
    await rejects(db.migrations.reset({ maxRows: 58 }), 'invalid_input', { messageIncludes: ['59', '58', 'force'] })
    assert.equal(await db.count('archon_settings'), 45)
    await db.migrations.reset({ maxRows: 59 })
    await db.migrations.reset({ maxRows: 0, force: true })
    assert.equal(await db.count('archon_settings'), 45)
  })
}
