import assert from 'node:assert/strict'
import type { Database, NewWorkOrder, NewWorkOrderStep, WorkOrder } from '@archon-db/core'
import { rejects, type SuiteBuilder, startTogether } from '../../harness/index.ts'
import { allPages, at, present } from './fixtures.ts'

function anOrder(db: Database, id = 'wo-1', more: Partial<NewWorkOrder> = {}): Promise<WorkOrder> {
  const draft: NewWorkOrder = { id, repositoryUrl: 'https://github.com/a/b', sandboxIdentifier: 's', status: 'pending' }
  return db.repositories.workOrders.create({ ...draft, ...more })
}

function aStep(step: string, more: Partial<NewWorkOrderStep> = {}): NewWorkOrderStep {
  return { step, agentName: 'planner', success: true, durationSeconds: 1.5, executedAt: at(1), ...more }
}

export function workOrders(t: SuiteBuilder): void {
  t.behaviour('work-orders.create.returns-what-is-stored', async ({ db }) => {
    const { createdAt, updatedAt, ...rest } = await anOrder(db)
    assert.deepEqual(rest, {
      id: 'wo-1',
      repositoryUrl: 'https://github.com/a/b',
      sandboxIdentifier: 's',
      gitBranchName: null,
      agentSessionId: null,
      status: 'pending',
      metadata: {},
    })
    assert.deepEqual(await db.repositories.workOrders.get('wo-1'), { createdAt, updatedAt, ...rest })
    assert.equal(await db.repositories.workOrders.get('wo-2'), null)
  })

  t.behaviour('work-orders.create.twice-is-refused', async ({ db }) => {
    await anOrder(db)
    await rejects(anOrder(db), 'unique_violation')
  })

  t.behaviour('work-orders.list.has-the-newest-first', async ({ db }) => {
    const { workOrders } = db.repositories
    for (const [i, id] of ['a', 'b', 'c'].entries()) await anOrder(db, id, { createdAt: at(i) })
    await workOrders.updateStatus('b', 'running')
    const pages = await allPages((after) =>
      workOrders.list({ repositoryUrl: 'https://github.com/a/b' }, { limit: 2, after }),
    )
    assert.deepEqual(
      pages.map((page) => page.map(({ id }) => id)),
      [['c', 'b'], ['a']],
    )
    assert.deepEqual(
      (await workOrders.list({ status: 'running' })).items.map(({ id }) => id),
      ['b'],
    )
    assert.equal(await workOrders.count({ status: 'pending' }), 2)
  })

  t.behaviour('work-orders.update-status.merges-metadata', async ({ db }) => {
    const { workOrders } = db.repositories
    await anOrder(db, 'wo-1', { metadata: { issue: 7, stage: 'plan' } })
    const updated = present(await workOrders.updateStatus('wo-1', 'failed', { stage: 'code', error: 'no tests' }))
    assert.deepEqual([updated.status, updated.metadata], ['failed', { issue: 7, stage: 'code', error: 'no tests' }])
    assert.deepEqual(present(await workOrders.updateStatus('wo-1', 'running')).metadata, updated.metadata)
    assert.equal(await workOrders.updateStatus('wo-2', 'running', { a: 1 }), null)
  })

  t.behaviour('work-orders.update-status.merges-into-nothing', async ({ db }) => {
    await anOrder(db, 'wo-1', { metadata: null })
    const updated = present(await db.repositories.workOrders.updateStatus('wo-1', 'running', { a: 1 }))
    assert.deepEqual(updated.metadata, { a: 1 })
  })

  t.behaviour('work-orders.update-status.loses-nothing-under-concurrency', async ({ db }) => {
    const { workOrders } = db.repositories
    await anOrder(db)
    await startTogether(10, (i) => workOrders.updateStatus('wo-1', 'running', { [`key${i}`]: i }))
    const { metadata } = present(await workOrders.get('wo-1'))
    assert.deepEqual(metadata, Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`key${i}`, i])))
  })

  t.behaviour('work-orders.update-branch-and-session', async ({ db }) => {
    const { workOrders } = db.repositories
    await anOrder(db)
    assert.equal(present(await workOrders.updateGitBranch('wo-1', 'feature/x')).gitBranchName, 'feature/x')
    const updated = present(await workOrders.updateSessionId('wo-1', 'session-9'))
    assert.deepEqual([updated.gitBranchName, updated.agentSessionId], ['feature/x', 'session-9'])
    assert.equal(present(await workOrders.update('wo-1', { gitBranchName: null })).gitBranchName, null)
    assert.equal(await workOrders.updateGitBranch('wo-2', 'x'), null)
    assert.equal(await workOrders.updateSessionId('wo-2', 'x'), null)
  })

  t.behaviour('work-orders.save-steps.keeps-their-order', async ({ db }) => {
    const { workOrders } = db.repositories
    await anOrder(db)
    const saved = await workOrders.saveSteps('wo-1', [
      aStep('plan'),
      aStep('code', { success: false, errorMessage: 'x' }),
    ])
    const { id, ...first } = present(saved[0])
    assert.ok(id)
    assert.deepEqual(first, {
      workOrderId: 'wo-1',
      step: 'plan',
      agentName: 'planner',
      success: true,
      output: null,
      errorMessage: null,
      durationSeconds: 1.5,
      sessionId: null,
      executedAt: at(1),
      order: 0,
    })
    assert.deepEqual(await workOrders.getSteps('wo-1'), saved)
    assert.deepEqual(
      saved.map(({ step, order }) => [step, order]),
      [
        ['plan', 0],
        ['code', 1],
      ],
    )
  })

  t.behaviour('work-orders.save-steps.replaces-what-was-there', async ({ db }) => {
    const { workOrders } = db.repositories
    await anOrder(db)
    await anOrder(db, 'wo-2')
    await workOrders.saveSteps('wo-1', [aStep('a'), aStep('b'), aStep('c')])
    await workOrders.saveSteps('wo-2', [aStep('other')])
    await workOrders.saveSteps('wo-1', [aStep('y', { order: 2 }), aStep('x', { order: 1 })])
    const steps = async (id: string) => (await workOrders.getSteps(id)).map(({ step }) => step)
    assert.deepEqual([await steps('wo-1'), await steps('wo-2')], [['x', 'y'], ['other']])
    assert.deepEqual(await workOrders.saveSteps('wo-1', []), [])
    assert.deepEqual(await steps('wo-1'), [])
  })

  t.behaviour('work-orders.save-steps.all-or-none', async ({ db }) => {
    const { workOrders } = db.repositories
    await anOrder(db)
    const saved = await workOrders.saveSteps('wo-1', [aStep('a')])
    await rejects(
      workOrders.saveSteps('wo-1', [aStep('b'), aStep('c', { durationSeconds: Number.NaN })]),
      'invalid_input',
    )
    await rejects(workOrders.saveSteps('wo-2', [aStep('a')]), 'foreign_key_violation')
    assert.deepEqual(await workOrders.getSteps('wo-1'), saved)
  })

  t.behaviour('work-orders.save-steps.at-once-leaves-one-set', async ({ db }) => {
    const { workOrders } = db.repositories
    await anOrder(db)
    await startTogether(6, (i) => workOrders.saveSteps('wo-1', [aStep(`${i}`), aStep(`${i}`)]))
    const steps = (await workOrders.getSteps('wo-1')).map(({ step }) => step)
    assert.equal(steps.length, 2)
    assert.equal(steps[0], steps[1])
  })

  t.behaviour('work-orders.delete.takes-the-steps-along', async ({ db }) => {
    const { workOrders } = db.repositories
    await anOrder(db)
    await workOrders.saveSteps('wo-1', [aStep('a')])
    assert.equal(await workOrders.delete('wo-1'), true)
    assert.equal(await workOrders.delete('wo-1'), false)
    assert.deepEqual(await workOrders.getSteps('wo-1'), [])
  })
}
