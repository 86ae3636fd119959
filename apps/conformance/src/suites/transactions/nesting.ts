import assert from 'node:assert/strict'
import type { Transaction } from '@archon-db/core'
import { rejects, type SuiteBuilder, settleTogether, startTogether } from '../../harness/index.ts'
import { add, Boom, boom, names, tick } from '../prompts.ts'

export function nesting(t: SuiteBuilder): void {
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

export function boundaries(t: SuiteBuilder): void {
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
