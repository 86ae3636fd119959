import assert from 'node:assert/strict'
import { rejects, type SuiteBuilder } from '../../harness/index.ts'
import { add, Boom, boom, names, TABLE, tick } from '../prompts.ts'

export function commitAndRollback(t: SuiteBuilder): void {
  t.behaviour('commit.keeps-everything', async ({ db }) => {
    const result = await db.transaction(async (tx) => {
      await add(tx, 'a')
      await add(tx, 'b')
      return 42
    })
    assert.equal(result, 42)
    assert.deepEqual(await names(db), ['a', 'b'])
  })

  t.behaviour('rollback.on-error', async ({ db }) => {
    await add(db, 'before')
    const work = db.transaction(async (tx) => {
      await add(tx, 'a')
      await tx.update(TABLE, { prompt: 'changed' }, { where: { prompt_name: 'before' } })
      await tx.delete(TABLE, { where: { prompt_name: 'before' } })
      boom()
    })
    await assert.rejects(work, Boom)
    const { rows } = await db.select(TABLE, { columns: ['prompt_name', 'prompt'] })
    assert.deepEqual(rows, [{ prompt_name: 'before', prompt: 'text' }])
  })

  t.behaviour('rollback.across-awaits', async ({ db }) => {
    const work = db.transaction(async (tx) => {
      await add(tx, 'a')
      for (let i = 0; i < 5; i++) await tick()
      await add(tx, 'b')
      await new Promise((resolve) => setTimeout(resolve, 1))
      boom()
    })
    await assert.rejects(work, Boom)
    assert.deepEqual(await names(db), [])
  })

  t.behaviour('rollback.synchronous-throw', async ({ db }) => {
    await assert.rejects(
      db.transaction(() => boom()),
      Boom,
    )
    await add(db, 'after')
    assert.deepEqual(await names(db), ['after'])
  })

  t.behaviour('rollback.keeps-the-original-error', async ({ db }) => {
    const original = new Boom('mine')
    const work = db.transaction(async () => {
      throw original
    })
    await assert.rejects(work, (error) => error === original)
  })

  t.behaviour('rollback.restores-json-and-timestamps', async ({ db }) => {
    const {
      rows: [project],
    } = await db.insert<{ id: string; updated_at: Date }>('archon_projects', { title: 'p', data: { a: 1 } })
    await assert.rejects(
      db.transaction(async (tx) => {
        await tx.update('archon_projects', { data: { b: 2 } }, { where: { id: project?.id } })
        boom()
      }),
      Boom,
    )
    const { rows } = await db.select('archon_projects', { columns: ['data', 'updated_at'] })
    assert.deepEqual(rows, [{ data: { a: 1 }, updated_at: project?.updated_at }])
  })

  t.behaviour('sees-its-own-writes', async ({ db }) => {
    await db.transaction(async (tx) => {
      await add(tx, 'a')
      assert.deepEqual(await names(tx), ['a'])
      await tx.delete(TABLE, { where: { prompt_name: 'a' } })
      assert.deepEqual(await names(tx), [])
    })
  })

  t.behaviour('repositories.share-the-transaction', async ({ db }) => {
    const work = db.transaction(async (tx) => {
      await tx.repositories.projects.create({ title: 'in the transaction' })
      boom()
    })
    await assert.rejects(work, Boom)
    assert.equal(await db.count('archon_projects'), 0)
  })

  t.behaviour('stream.inside', async ({ db }) => {
    await db.transaction(async (tx) => {
      await add(tx, 'a')
      await add(tx, 'b')
      const seen: unknown[] = []
      for await (const row of tx.stream<{ prompt_name: string }>(TABLE, {
        columns: ['prompt_name'],
        orderBy: 'prompt_name',
        batchSize: 1,
      }))
        seen.push(row.prompt_name)
      assert.deepEqual(seen, ['a', 'b'])
    })
  })
}

export function failedStatements(t: SuiteBuilder): void {
  t.behaviour('failed-statement.dooms-the-transaction', async ({ db }) => {
    await add(db, 'taken')
    const work = db.transaction(async (tx) => {
      await add(tx, 'fine')
      await rejects(add(tx, 'taken'), 'unique_violation')
      await rejects(add(tx, 'too late'), 'unique_violation', { messageIncludes: 'nested' })
    })
    await rejects(work, 'unique_violation')
    assert.deepEqual(await names(db), ['taken'])
  })

  t.behaviour('failed-statement.swallowed-still-rolls-back', async ({ db }) => {
    await add(db, 'taken')
    const work = db.transaction(async (tx) => {
      await add(tx, 'fine')
      await add(tx, 'taken').catch(() => undefined)
      return 'all well'
    })
    await rejects(work, 'unique_violation')
    assert.deepEqual(await names(db), ['taken'])
  })

  t.behaviour('failed-statement.nested-saves-the-outer', async ({ db }) => {
    await add(db, 'taken')
    await db.transaction(async (tx) => {
      await add(tx, 'fine')
      await rejects(
        tx.transaction((inner) => add(inner, 'taken')),
        'unique_violation',
      )
      await add(tx, 'after')
    })
    assert.deepEqual(await names(db), ['after', 'fine', 'taken'])
  })

  t.behaviour('refused-input.does-not-doom', async ({ db }) => {
    await db.transaction(async (tx) => {
      await rejects(tx.insert(TABLE, { nope: 1 }), 'invalid_input')
      await rejects(tx.select(TABLE, { where: { nope: 1 } }), 'invalid_filter')
      await add(tx, 'a')
    })
    assert.deepEqual(await names(db), ['a'])
  })
}
