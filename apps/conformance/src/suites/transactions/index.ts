import assert from 'node:assert/strict'
import { type DataAccess, DbError, increment, isDbError, type Transaction } from '@archon-db/core'
import { rejects, type Suite, type SuiteBuilder, settleTogether, startTogether, suite } from '../../harness/index.ts'

const table = 'archon_prompts'

const add = (access: DataAccess, name: string): Promise<unknown> =>
  access.insert(table, { prompt_name: name, prompt: 'text' }, { returning: false })

async function names(access: DataAccess): Promise<string[]> {
  const { rows } = await access.select<{ prompt_name: string }>(table, {
    columns: ['prompt_name'],
    orderBy: 'prompt_name',
  })
  return rows.map((row) => row.prompt_name)
}

const tick = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

class Boom extends Error {}
const boom = (): never => {
  throw new Boom('boom')
}

export const transactions: Suite = suite('transactions', (t) => {
  commitAndRollback(t)
  failedStatements(t)
  nesting(t)
  boundaries(t)
  limits(t)
  retrying(t)
  modes(t)
})

function commitAndRollback(t: SuiteBuilder): void {
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
      await tx.update(table, { prompt: 'changed' }, { where: { prompt_name: 'before' } })
      await tx.delete(table, { where: { prompt_name: 'before' } })
      boom()
    })
    await assert.rejects(work, Boom)
    const { rows } = await db.select(table, { columns: ['prompt_name', 'prompt'] })
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
      await tx.delete(table, { where: { prompt_name: 'a' } })
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
      for await (const row of tx.stream<{ prompt_name: string }>(table, {
        columns: ['prompt_name'],
        orderBy: 'prompt_name',
        batchSize: 1,
      }))
        seen.push(row.prompt_name)
      assert.deepEqual(seen, ['a', 'b'])
    })
  })
}

function failedStatements(t: SuiteBuilder): void {
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
      await rejects(tx.insert(table, { nope: 1 }), 'invalid_input')
      await rejects(tx.select(table, { where: { nope: 1 } }), 'invalid_filter')
      await add(tx, 'a')
    })
    assert.deepEqual(await names(db), ['a'])
  })
}

function nesting(t: SuiteBuilder): void {
  t.behaviour('nested.commit', async ({ db }) => {
    await db.transaction(async (tx) => {
      await add(tx, 'outer')
      const result = await tx.transaction(async (inner) => {
        await add(inner, 'inner')
        return 7
      })
      assert.equal(result, 7)
      assert.deepEqual(await names(tx), ['inner', 'outer'])
    })
    assert.deepEqual(await names(db), ['inner', 'outer'])
  })

  t.behaviour('nested.rollback-keeps-outer', async ({ db }) => {
    await db.transaction(async (tx) => {
      await add(tx, 'outer')
      await assert.rejects(
        tx.transaction(async (inner) => {
          await add(inner, 'inner')
          boom()
        }),
        Boom,
      )
      assert.deepEqual(await names(tx), ['outer'])
    })
    assert.deepEqual(await names(db), ['outer'])
  })

  t.behaviour('nested.outer-rollback-takes-all', async ({ db }) => {
    await assert.rejects(
      db.transaction(async (tx) => {
        await tx.transaction((inner) => add(inner, 'inner'))
        boom()
      }),
      Boom,
    )
    assert.deepEqual(await names(db), [])
  })

  t.behaviour('nested.three-levels', async ({ db }) => {
    await db.transaction(async (one) => {
      await add(one, '1')
      await one.transaction(async (two) => {
        await add(two, '2')
        await assert.rejects(
          two.transaction(async (three) => {
            await add(three, '3')
            boom()
          }),
          Boom,
        )
        await add(two, '2b')
      })
    })
    assert.deepEqual(await names(db), ['1', '2', '2b'])
  })

  t.behaviour('nested.side-by-side-take-turns', async ({ db }) => {
    await db.transaction(async (tx) => {
      const results = await Promise.allSettled(
        [0, 1, 2, 3].map((i) =>
          tx.transaction(async (inner) => {
            await add(inner, `n${i}`)
            await tick()
            if (i % 2 === 1) boom()
          }),
        ),
      )
      assert.deepEqual(
        results.map((result) => result.status),
        ['fulfilled', 'rejected', 'fulfilled', 'rejected'],
      )
    })
    assert.deepEqual(await names(db), ['n0', 'n2'])
  })

  t.behaviour('nested.outer-handle-waits-its-turn', async ({ db }) => {
    await db.transaction(async (tx) => {
      await tx.transaction(async (inner) => {
        await add(inner, 'inner')
        await rejects(add(tx, 'outer'), 'invalid_input', { messageIncludes: 'nested' })
      })
      await add(tx, 'outer')
    })
    assert.deepEqual(await names(db), ['inner', 'outer'])
  })

  t.behaviour('nested.takes-no-options', async ({ db }) => {
    await db.transaction(async (tx) => {
      for (const options of [{ isolation: 'snapshot' as const }, { retry: 1 }, { readOnly: true }, { timeoutMs: 10 }]) {
        await rejects(
          tx.transaction(async () => {}, options),
          'invalid_input',
        )
      }
    })
  })

  t.behaviour('nested.caught-inside-still-rolls-back-to-savepoint', async ({ db }) => {
    await add(db, 'taken')
    await db.transaction(async (tx) => {
      const inner = tx.transaction(async (nested) => {
        await add(nested, 'lost')
        await add(nested, 'taken').catch(() => undefined)
      })
      await rejects(inner, 'unique_violation')
      await add(tx, 'kept')
    })
    assert.deepEqual(await names(db), ['kept', 'taken'])
  })
}

function boundaries(t: SuiteBuilder): void {
  t.behaviour('outside.does-not-join', { needs: 'concurrentReads' }, async ({ db }) => {
    await assert.rejects(
      db.transaction(async (tx) => {
        await add(tx, 'inside')
        assert.deepEqual(await names(db), [])
        boom()
      }),
      Boom,
    )
    assert.deepEqual(await names(db), [])
  })

  t.behaviour('outside.write-survives-rollback', async ({ db }) => {
    let outside: Promise<unknown> | undefined
    await assert.rejects(
      db.transaction(async (tx) => {
        await add(tx, 'inside')
        // Not awaited here: where writers take turns it gets its turn after this transaction.
        outside = add(db, 'outside')
        await tick()
        boom()
      }),
      Boom,
    )
    await outside
    assert.deepEqual(await names(db), ['outside'])
  })

  t.behaviour('outside.read-does-not-see-uncommitted', async ({ db }) => {
    let outside: Promise<string[]> | undefined
    await assert.rejects(
      db.transaction(async (tx) => {
        await add(tx, 'inside')
        outside = names(db)
        await tick()
        boom()
      }),
      Boom,
    )
    assert.deepEqual(await outside, [])
  })

  t.behaviour('outside.waiting-for-oneself-is-told', { needs: 'concurrentReads' }, async ({ db, backend }) => {
    if (backend.traits.concurrentWrites) {
      await db.transaction(async (tx) => {
        await add(tx, 'inside')
        await add(db, 'outside')
      })
      assert.deepEqual(await names(db), ['inside', 'outside'])
      return
    }
    const work = db.transaction(async (tx) => {
      await add(tx, 'inside')
      await add(db, 'outside')
    })
    const error = await rejects(work, 'lock_timeout')
    assert.match(error.message, /own handle/)
    assert.deepEqual(await names(db), [])
  })

  t.behaviour('ended.handle-is-refused', async ({ db }) => {
    let kept: Transaction | undefined
    await db.transaction(async (tx) => {
      kept = tx
    })
    await rejects(names(kept as Transaction), 'closed', { messageIncludes: 'ended' })
    await rejects(add(kept as Transaction, 'late'), 'closed')
    assert.deepEqual(await names(db), [])
  })

  t.behaviour('ended.after-rollback-is-refused', async ({ db }) => {
    let kept: Transaction | undefined
    await assert.rejects(
      db.transaction(async (tx) => {
        kept = tx
        boom()
      }),
      Boom,
    )
    await rejects(add(kept as Transaction, 'late'), 'closed')
  })

  t.behaviour('two-at-once.are-separate', async ({ db }) => {
    const outcomes = await settleTogether(2, (i) =>
      db.transaction(async (tx) => {
        await add(tx, `t${i}`)
        await tick()
        if (i === 1) boom()
      }),
    )
    assert.deepEqual(
      outcomes.map((outcome) => outcome.status),
      ['fulfilled', 'rejected'],
    )
    assert.deepEqual(await names(db), ['t0'])
  })

  t.behaviour('many-at-once.all-finish', async ({ db }) => {
    await startTogether(40, (i) => db.transaction((tx) => add(tx, `t${String(i).padStart(2, '0')}`)))
    assert.equal((await names(db)).length, 40)
  })
}

function limits(t: SuiteBuilder): void {
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

function retrying(t: SuiteBuilder): void {
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

function modes(t: SuiteBuilder): void {
  t.behaviour('read-only.reads', async ({ db }) => {
    await add(db, 'a')
    assert.deepEqual(await db.transaction((tx) => names(tx), { readOnly: true }), ['a'])
  })

  t.behaviour('read-only.refuses-writes', async ({ db }) => {
    const writes: ((tx: Transaction) => Promise<unknown>)[] = [
      (tx) => add(tx, 'a'),
      (tx) => tx.update(table, { prompt: 'x' }, { allRows: true }),
      (tx) => tx.delete(table, { allRows: true }),
      (tx) => tx.upsert(table, { prompt_name: 'a', prompt: 'x' }, { onConflict: ['prompt_name'] }),
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
