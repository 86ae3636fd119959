import assert from 'node:assert/strict'
import { isDbError, type Transaction } from '@archon-db/core'
import { rejects, type SuiteBuilder } from '../../harness/index.ts'
import { add, Boom, gate, names, TABLE } from '../prompts.ts'

export function transactions(t: SuiteBuilder): void {
  t.behaviour('timeout.ends-nested-transactions', async ({ db }) => {
    const rolledBack = gate()
    let late: Promise<unknown> | undefined
    const work = db.transaction(
      (tx) =>
        tx.transaction(async (inner) => {
          await add(inner, 'a')
          await rolledBack.passed
          late = add(inner, 'late').catch((error: unknown) => error)
          await late
        }),
      { timeoutMs: 50 },
    )
    await rejects(work, 'query_timeout')
    rolledBack.open()
    await new Promise((resolve) => setImmediate(resolve))
    assert.ok(isDbError(await late, 'closed'))
    assert.deepEqual(await names(db), [])
  })

  t.behaviour('nested.not-awaited', async ({ db }) => {
    const returned = gate()
    let inner: Promise<unknown> | undefined
    const outer = db.transaction(async (tx) => {
      await add(tx, 'outer')
      const started = gate()
      inner = tx
        .transaction(async (nested) => {
          await add(nested, 'inner')
          started.open()
          await returned.passed
          await add(nested, 'late')
        })
        .catch((error: unknown) => error)
      await started.passed
    })
    await rejects(outer, 'invalid_input', { messageIncludes: 'Await' })
    returned.open()
    assert.ok(isDbError(await inner, 'closed'))
    assert.deepEqual(await names(db), [])
  })

  t.behaviour('nested.not-awaited-inside-nested', async ({ db }) => {
    const returned = gate()
    let innermost: Promise<unknown> | undefined
    await db.transaction(async (tx) => {
      await add(tx, 'outer')
      const nested = tx.transaction(async (middle) => {
        await add(middle, 'middle')
        const started = gate()
        innermost = middle
          .transaction(async (deep) => {
            started.open()
            await returned.passed
            await add(deep, 'deep')
          })
          .catch((error: unknown) => error)
        await started.passed
      })
      await rejects(nested, 'invalid_input')
      returned.open()
      assert.ok(isDbError(await innermost, 'closed'))
      await add(tx, 'outer-again')
    })
    assert.deepEqual(await names(db), ['outer', 'outer-again'])
  })

  t.behaviour('signal.while-waiting-to-begin', { needs: 'sql' }, async ({ db }) => {
    const controller = new AbortController()
    const [held, done] = [gate(), gate()]
    const holder = db.transaction(async (tx) => {
      await add(tx, 'held')
      held.open()
      await done.passed
    })
    await held.passed
    let ran = false
    const waiting = db.transaction(
      async (tx) => {
        ran = true
        await tx.update(TABLE, { prompt: 'changed' }, { allRows: true })
      },
      { signal: controller.signal },
    )
    controller.abort(new Boom('enough'))
    await assert.rejects(waiting, Boom)
    done.open()
    await holder
    await add(db, 'after')
    assert.equal(ran, false)
    assert.equal(await db.count(TABLE, { prompt: 'changed' }), 0)
  })

  t.behaviour('signal.reason-comes-back-as-it-is', async ({ db }) => {
    for (const reason of [new Boom('mine'), new DOMException('late', 'TimeoutError'), 'a text']) {
      const controller = new AbortController()
      const work = db.insert(TABLE, { prompt_name: 'a', prompt: 'x' }, { signal: controller.signal })
      controller.abort(reason)
      const outcome = await work.then(
        () => reason,
        (error: unknown) => error,
      )
      assert.equal(outcome, reason)
      await db.transaction((tx) => tx.delete(TABLE, { allRows: true }))
    }
  })

  t.behaviour('stream.left-open-ends-with-its-transaction', async ({ db }) => {
    for (let i = 0; i < 10; i++) await add(db, `p${i}`)
    let stream: AsyncIterator<unknown> | undefined
    await db.transaction(async (tx) => {
      stream = tx.stream(TABLE, { batchSize: 2 })[Symbol.asyncIterator]()
      await stream.next()
    })
    await db.delete(TABLE, { allRows: true })
    assert.equal(await db.transaction((tx) => tx.count(TABLE)), 0)
    await add(db, 'after')
    assert.deepEqual(await names(db), ['after'])
    await drain(stream as AsyncIterator<unknown>)
  })

  t.behaviour('function.thrown-at-once', async ({ db }) => {
    const thrower = (): Promise<never> => {
      throw new Boom('at once')
    }
    await assert.rejects(db.transaction(thrower), Boom)
    await assert.rejects(
      db.transaction((tx: Transaction) => tx.transaction(thrower)),
      Boom,
    )
    await rejects(db.transaction(undefined as never), 'invalid_input', { messageIncludes: 'function' })
    await add(db, 'after')
    assert.deepEqual(await names(db), ['after'])
  })
}

/** To its end, or until it is told that its transaction has ended. */
async function drain(stream: AsyncIterator<unknown>): Promise<void> {
  try {
    while (!(await stream.next()).done);
  } catch (error) {
    assert.ok(isDbError(error, 'closed'), String(error))
  }
}
