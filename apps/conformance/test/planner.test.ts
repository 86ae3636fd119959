import { type Database, sql } from '@archon-db/core'
import type { Connection, Statement } from '@archon-db/core/dialect'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sqlite } from '../src/backends/sqlite.ts'
import { type RunningBackend, recorded, type TableAccess } from '../src/harness/index.ts'

describe('a planner', () => {
  let running: RunningBackend
  beforeAll(async () => {
    running = await sqlite.start()
  })
  afterAll(() => running.stop())

  /** How the rows are found that a handle's statements ask for. */
  async function accesses(prepare: string[], work: (db: Database) => Promise<unknown>): Promise<TableAccess[]> {
    const sent: Statement[] = []
    const connections: Connection[] = []
    const handle = await running.fresh('planner', {
      through(connection) {
        connections.push(connection)
        return recorded(connection, (statement) => sent.push(statement))
      },
    })
    for (const text of prepare) await handle.db.execute(sql.raw(text))
    sent.length = 0
    await work(handle.db)
    const found: TableAccess[] = []
    for (const statement of sent.filter(({ tables }) => tables.length > 0))
      found.push(...(await running.planner!.accesses(connections[0]!, statement)))
    await handle.drop()
    return found
  }

  const ofCategory = (db: Database): Promise<unknown> => db.repositories.settings.listByCategory('features')

  it('names the index by which rows are found', async () => {
    expect(await accesses([], ofCategory)).toEqual([
      { table: 'archon_settings', index: 'idx_archon_settings_category' },
    ])
  })

  it('tells when the index is gone and all of the table is read', async () => {
    expect(await accesses(['drop index idx_archon_settings_category'], ofCategory)).toEqual([
      { table: 'archon_settings', index: null },
    ])
  })

  it('sees statements in transactions', async () => {
    const shift = (db: Database): Promise<unknown> => {
      return db.transaction((tx) => tx.repositories.tasks.shiftOrder(NO_PROJECT, 'todo', 1))
    }
    expect(await accesses([], shift)).toMatchObject([{ table: 'archon_tasks' }])
  })
})

const NO_PROJECT = '0198c1d2-7a5e-7c3b-9f10-2b4c6d8e0f12'
