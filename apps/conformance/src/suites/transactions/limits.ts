import assert from 'node:assert/strict'
import { DbError, increment, isDbError, type Transaction } from '@archon-db/core'
import { rejects, type SuiteBuilder, startTogether } from '../../harness/index.ts'
import { add, Boom, boom, names, TABLE, tick } from '../prompts.ts'

export function limits(t: SuiteBuilder): void {
  t.behaviour('timeout.rolls-back', async ({ db }) => {
    let late: Promise<unknown> | undefined
    const work = db.transaction(
      async (tx) => {
        await add(tx, 'a')
        await new Promise((resolve) => setTimeout(resolve, 200))
        late = add(tx, 'late').catch((error: unknown) => error)
        await late
      },
      { timeoutMs: 50 },
    )
    const error = await rejects(work, 'query_timeout', { messageIncludes: '50 ms' })
    assert.equal(error.retryable, false)
    assert.deepEqual(await names(db), [])
    await new Promise((resolve) => setTimeout(resolve, 250))
    assert.ok(isDbError(await late))
    assert.deepEqual(await names(db), [])
  })

  t.behaviour('timeout.in-time-commits', async ({ db }) => {
    await db.transaction((tx) => add(tx, 'a'), { timeoutMs: 20_000 })
    assert.deepEqual(await names(db), ['a'])
  })

  t.behaviour('signal.aborts', async ({ db }) => {
    const controller = new AbortController()
    const work = db.transaction(
      async (tx) => {
        await add(tx, 'a')
        controller.abort(new Boom('enough'))
        await tick()
        await add(tx, 'b')
      },
      { signal: controller.signal },
    )
    await assert.rejects(work, Boom)
    assert.deepEqual(await names(db), [])
  })

  t.behaviour('signal.already-aborted', async ({ db }) => {
    let ran = false
    await assert.rejects(
      db.transaction(
        async () => {
          ran = true
        },
        { signal: AbortSignal.abort(new Boom('before')) },
      ),
      Boom,
    )
    assert.equal(ran, false)
  })

  t.behaviour('options.refused', async ({ db }) => {
    const bad: object[] = [{ retry: -1 }, { retry: 1.5 }, { timeoutMs: 0 }, { timeoutMs: -5 }, { isolation: 'chaos' }]
    for (const options of bad)
      await rejects(
        db.transaction(async () => {}, options),
        'invalid_input',
      )
  })
}

export function retrying(t: SuiteBuilder): void {
  t.behaviour('retry.runs-the-whole-function-again', async ({ db }) => {
    let attempts = 0
    await db.transaction(
      async (tx) => {
        attempts++
        await add(tx, `attempt ${attempts}`)
        if (attempts < 3) throw new DbError('serialization_failure', 'made up for this test')
      },
      { retry: 3 },
    )
    assert.equal(attempts, 3)
    assert.deepEqual(await names(db), ['attempt 3'])
  })

  t.behaviour('retry.gives-up-with-the-last-error', async ({ db }) => {
    let attempts = 0
    const work = db.transaction(
      async () => {
        attempts++
        throw new DbError('deadlock', `attempt ${attempts}`)
      },
      { retry: 2 },
    )
    await rejects(work, 'deadlock', { messageIncludes: 'attempt 3' })
    assert.equal(attempts, 3)
  })

  t.behaviour('retry.not-without-being-asked', async ({ db }) => {
    let attempts = 0
    await rejects(
      db.transaction(async () => {
        attempts++
        throw new DbError('deadlock', 'made up')
      }),
      'deadlock',
    )
    assert.equal(attempts, 1)
  })

  t.behaviour('retry.never-after-commit-unknown', async ({ db }) => {
    let attempts = 0
    await rejects(
      db.transaction(
        async () => {
          attempts++
          throw new DbError('commit_unknown', 'made up')
        },
        { retry: 5 },
      ),
      'commit_unknown',
    )
    assert.equal(attempts, 1)
  })

  t.behaviour('retry.not-for-other-errors', async ({ db }) => {
    let attempts = 0
    await assert.rejects(
      db.transaction(
        async () => {
          attempts++
          boom()
        },
        { retry: 5 },
      ),
      Boom,
    )
    assert.equal(attempts, 1)
  })

  t.behaviour('retry.loses-no-update', async ({ db }) => {
    const {
      rows: [task],
    } = await db.insert<{ id: string }>('archon_tasks', { title: 'counter', task_order: 0 })
    const where = { id: task?.id as string }
    await startTogether(10, () =>
      db.transaction(
        async (tx) => {
          const {
            rows: [row],
          } = await tx.select<{ task_order: number }>('archon_tasks', { columns: ['task_order'], where })
          await tx.update('archon_tasks', { task_order: (row?.task_order ?? 0) + 1 }, { where })
        },
        { isolation: 'snapshot', retry: 100 },
      ),
    )
    const { rows } = await db.select('archon_tasks', { columns: ['task_order'] })
    assert.deepEqual(rows, [{ task_order: 10 }])
  })

  t.behaviour('increment.loses-no-update', async ({ db }) => {
    await db.insert('archon_tasks', { title: 'counter', task_order: 0 })
    await startTogether(10, () =>
      db.update('archon_tasks', { task_order: increment(1) }, { where: { title: 'counter' } }),
    )
    const { rows } = await db.select('archon_tasks', { columns: ['task_order'] })
    assert.deepEqual(rows, [{ task_order: 10 }])
  })

  t.behaviour('lock.loses-no-update', async ({ db }) => {
    await db.insert('archon_tasks', { title: 'counter', task_order: 0 })
    await startTogether(10, () =>
      db.transaction(
        async (tx) => {
          const {
            rows: [row],
          } = await tx.select<{ id: string; task_order: number }>('archon_tasks', {
            where: { title: 'counter' },
            lock: 'update',
          })
          await tick()
          await tx.update(
            'archon_tasks',
            { task_order: (row?.task_order ?? 0) + 1 },
            { where: { id: row?.id as string } },
          )
        },
        { retry: 20 },
      ),
    )
    const { rows } = await db.select('archon_tasks', { columns: ['task_order'] })
    assert.deepEqual(rows, [{ task_order: 10 }])
  })
}

export function modes(t: SuiteBuilder): void {
  t.behaviour('read-only.reads', async ({ db }) => {
    await add(db, 'a')
    assert.deepEqual(await db.transaction((tx) => names(tx), { readOnly: true }), ['a'])
  })

  t.behaviour('read-only.refuses-writes', async ({ db }) => {
    const writes: ((tx: Transaction) => Promise<unknown>)[] = [
      (tx) => add(tx, 'a'),
      (tx) => tx.update(TABLE, { prompt: 'x' }, { allRows: true }),
      (tx) => tx.delete(TABLE, { allRows: true }),
      (tx) => tx.upsert(TABLE, { prompt_name: 'a', prompt: 'x' }, { onConflict: ['prompt_name'] }),
    ]
    for (const write of writes)
      await rejects(db.transaction(write, { readOnly: true }), 'invalid_input', { messageIncludes: 'read-only' })
    assert.deepEqual(await names(db), [])
  })

  t.behaviour('read-only.is-one-snapshot', { needs: 'concurrentReads' }, async ({ db }) => {
    await add(db, 'a')
    await db.transaction(
      async (tx) => {
        assert.deepEqual(await names(tx), ['a'])
        await add(db, 'b')
        assert.deepEqual(await names(tx), ['a'])
      },
      { readOnly: true, isolation: 'snapshot' },
    )
    assert.deepEqual(await names(db), ['a', 'b'])
  })
}
