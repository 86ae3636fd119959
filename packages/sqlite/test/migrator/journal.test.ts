import { expect, test } from 'vitest'
import { connectSqlite } from '../../src/connect.ts'
import { BIRDS, contents, migration, migrator } from './fixtures.ts'
import { type Death, withoutTransactionalDdl } from './mortal.ts'

/** Dies at one call after another, until the work ends before its death comes. */
async function dieEverywhere(attempt: (death: Death) => Promise<boolean>): Promise<number> {
  for (let call = 1; ; call++) {
    const finished = await attempt({ call, when: 'before' })
    if (finished) return call - 1
    await attempt({ call, when: 'after' })
  }
}

async function survives(work: Promise<unknown>): Promise<boolean> {
  return work.then(
    () => true,
    (error: unknown) => {
      expect(String(error)).toContain('The process has died')
      return false
    },
  )
}

async function complete(): Promise<Awaited<ReturnType<typeof contents>>> {
  const connection = withoutTransactionalDdl(await connectSqlite({ url: ':memory:' }))
  await migrator(connection, BIRDS).migrate()
  const found = await contents(connection)
  await connection.close()
  return found
}

test('a migration that dies anywhere is completed by the next run, each statement and batch exactly once', async () => {
  const expected = await complete()
  expect(expected.rows.visits).toEqual([[1], [2], [3], [4]])
  const calls = await dieEverywhere(async (death) => {
    const connection = await connectSqlite({ url: ':memory:' })
    const finished = await survives(migrator(withoutTransactionalDdl(connection, death), BIRDS).migrate())
    const { pending } = await migrator(withoutTransactionalDdl(connection), BIRDS).status()
    const second = await migrator(withoutTransactionalDdl(connection), BIRDS).migrate()
    expect(second.applied.map(({ version }) => version)).toEqual(pending.map(({ version }) => version))
    expect(await contents(connection), `died ${death.when} call ${death.call}`).toEqual(expected)
    await connection.close()
    return finished
  })
  expect(calls).toBeGreaterThan(30)
})

test('a rollback that dies anywhere is completed by the next one', async () => {
  const calls = await dieEverywhere(async (death) => {
    const connection = await connectSqlite({ url: ':memory:' })
    await migrator(withoutTransactionalDdl(connection), BIRDS).migrate()
    const finished = await survives(migrator(withoutTransactionalDdl(connection, death), BIRDS).rollback({ to: 0 }))
    await migrator(withoutTransactionalDdl(connection), BIRDS).rollback({ to: 0 })
    expect(await contents(connection), `died ${death.when} call ${death.call}`).toEqual({ schema: [], rows: {} })
    await connection.close()
    return finished
  })
  expect(calls).toBeGreaterThan(15)
})

test('after a rollback that died anywhere, migrating brings everything back into place', async () => {
  const expected = await complete()
  await dieEverywhere(async (death) => {
    const connection = await connectSqlite({ url: ':memory:' })
    await migrator(withoutTransactionalDdl(connection), BIRDS).migrate()
    const finished = await survives(migrator(withoutTransactionalDdl(connection, death), BIRDS).rollback({ to: 0 }))
    await migrator(withoutTransactionalDdl(connection), BIRDS).migrate()
    expect(await contents(connection), `died ${death.when} call ${death.call}`).toEqual(expected)
    await connection.close()
    return finished
  })
})

test('what a migration did before it died anywhere can be undone', async () => {
  await dieEverywhere(async (death) => {
    const connection = await connectSqlite({ url: ':memory:' })
    const finished = await survives(migrator(withoutTransactionalDdl(connection, death), BIRDS).migrate())
    await migrator(withoutTransactionalDdl(connection), BIRDS).rollback({ to: 0 })
    expect(await contents(connection), `died ${death.when} call ${death.call}`).toEqual({ schema: [], rows: {} })
    await connection.close()
    return finished
  })
})

const BROKEN = [
  'create table eggs (id integer primary key)',
  'insert into eggs (id) values (1)',
  'insert into eggs (id) values (1)',
  'create table shells (id integer primary key)',
]
const UNDO = ['drop table shells', 'drop table eggs']

test('a statement that is refused is named, and the next run goes on with it once it is mended', async () => {
  const connection = withoutTransactionalDdl(await connectSqlite({ url: ':memory:' }))
  const broken = migrator(connection, [migration(1, 'eggs', BROKEN, UNDO)])
  await expect(broken.migrate()).rejects.toMatchObject({
    code: 'migration_failed',
    message: expect.stringMatching(
      /^0001_eggs\/up\.sql failed at statement 3 of 4: .* Statements 1 to 2 are in place .* goes on with statement 3/,
    ),
  })
  expect((await broken.status()).pending).toEqual([
    { version: 1, name: 'eggs', late: false, interrupted: { direction: 'up', statements: 2 } },
  ])
  expect((await broken.plan()).steps[0]?.statements).toEqual(BROKEN.slice(2))
  const mended = BROKEN.with(2, 'insert into eggs (id) values (2)')
  await migrator(connection, [migration(1, 'eggs', mended, UNDO)]).migrate()
  expect((await contents(connection)).rows).toEqual({ eggs: [[1], [2]], shells: [] })
  await connection.close()
})

test('a refused statement is not taken for one that had run: what stands in its way stays an error', async () => {
  const connection = withoutTransactionalDdl(await connectSqlite({ url: ':memory:' }))
  await connection.run({ text: 'create table shells (other text)', params: [], write: true, tables: [] })
  const migrations = migrator(connection, [migration(1, 'eggs', [BROKEN[0] ?? '', BROKEN[3] ?? ''], UNDO)])
  await expect(migrations.migrate()).rejects.toMatchObject({ code: 'migration_failed' })
  await expect(migrations.migrate()).rejects.toMatchObject({ code: 'migration_failed' })
  await connection.close()
})

test('statements that are in place must not be edited before the rest runs', async () => {
  const connection = withoutTransactionalDdl(await connectSqlite({ url: ':memory:' }))
  await expect(migrator(connection, [migration(1, 'eggs', BROKEN, UNDO)]).migrate()).rejects.toThrow()
  const edited = migrator(connection, [migration(1, 'eggs', BROKEN.with(0, 'create table eggs (id text)'), UNDO)])
  await expect(edited.migrate()).rejects.toMatchObject({
    code: 'migration_drift',
    message: expect.stringContaining('0001_eggs'),
  })
  await connection.close()
})

test('what was done before a refusal is undone by rollback', async () => {
  const connection = withoutTransactionalDdl(await connectSqlite({ url: ':memory:' }))
  const migrations = migrator(connection, [migration(1, 'eggs', BROKEN, UNDO)])
  await expect(migrations.migrate()).rejects.toThrow()
  const { reverted } = await migrations.rollback()
  expect(reverted.map(({ version }) => version)).toEqual([1])
  expect((await contents(connection)).schema).toEqual([])
  expect((await migrations.status()).pending).toEqual([{ version: 1, name: 'eggs', late: false }])
  await connection.close()
})
