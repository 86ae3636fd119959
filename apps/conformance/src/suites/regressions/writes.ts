import assert from 'node:assert/strict'
import { increment } from '@archon-db/core'
import { rejects, type SuiteBuilder } from '../../harness/index.ts'

const KEYED = ['id', 'key', 'value']

export function writes(t: SuiteBuilder): void {
  t.behaviour('upsert.filled-in-key-does-not-overwrite', async ({ db }) => {
    const { rows: before } = await db.insert('archon_settings', [
      { key: 'a', value: '1' },
      { key: 'b', value: '1' },
    ])
    const [a, b] = before as [{ id: string }, { id: string }]
    for (const rows of [
      [
        { id: a.id, key: 'a', value: '2' },
        { key: 'b', value: '2' },
      ],
      [
        { key: 'a', value: '3' },
        { id: b.id, key: 'b', value: '3' },
      ],
    ]) {
      const result = await db.upsert('archon_settings', rows, { onConflict: ['key'], returning: KEYED })
      assert.deepEqual(result.inserted, [false, false])
      const value = rows[0]?.value
      assert.deepEqual(result.rows, [
        { id: a.id, key: 'a', value },
        { id: b.id, key: 'b', value },
      ])
    }
  })

  t.behaviour('insert.inherited-properties-are-not-columns', async ({ db }) => {
    const inherits = Object.assign(Object.create({ description: 'inherited', nonsense: 1 }), { key: 'a' })
    const { rows } = await db.insert('archon_settings', [inherits, { key: 'b' }], { returning: ['key', 'description'] })
    assert.deepEqual(rows, [
      { key: 'a', description: null },
      { key: 'b', description: null },
    ])
  })

  t.behaviour('increment.out-of-range', async ({ db }) => {
    const { rows } = await db.insert('archon_projects', { title: 'p' }, { returning: ['id'] })
    const project_id = rows[0]?.id
    await db.insert('archon_tasks', { project_id, title: 't', task_order: 2_147_483_646 })
    const where = { project_id }
    const raised = await db.update('archon_tasks', { task_order: increment(1) }, { where, returning: ['task_order'] })
    assert.deepEqual(raised.rows, [{ task_order: 2_147_483_647 }])
    await rejects(db.update('archon_tasks', { task_order: increment(1) }, { where }), 'invalid_input')
    const lowered = await db.update(
      'archon_tasks',
      { task_order: increment(-2_147_483_647) },
      { where, returning: ['task_order'] },
    )
    assert.deepEqual(lowered.rows, [{ task_order: 0 }])
  })
}
