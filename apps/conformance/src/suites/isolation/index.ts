import assert from 'node:assert/strict'
import type { DataAccess } from '@archon-db/core'
import { type Context, rejects, type Suite, suite } from '../../harness/index.ts'
import { Actor, type Means } from './actors.ts'
import { type Guarantee, read, SCHEDULES, type Schedule } from './schedules.ts'

const GUARANTEES: readonly Guarantee[] = ['read-committed', 'snapshot', 'serializable']

export const isolation: Suite = suite('isolation', (t) => {
  for (const schedule of SCHEDULES) {
    for (const guarantee of GUARANTEES.slice(GUARANTEES.indexOf(schedule.from))) {
      t.behaviour(`${schedule.id}.${guarantee}`, (context) => play(schedule, guarantee, context))
    }
  }

  t.behaviour('default.is-read-committed', (context) => play(SCHEDULES[1] as Schedule, undefined, context))

  t.behaviour('unknown.refused', async ({ db }) => {
    const isolation = 'repeatable read' as Guarantee
    await rejects(
      db.transaction(async () => {}, { isolation }),
      'invalid_input',
      { messageIncludes: 'snapshot' },
    )
  })
})

async function play(schedule: Schedule, guarantee: Guarantee | undefined, { db, note }: Context): Promise<void> {
  await seed(db)
  const means = new Set<Means>()
  const actors = [0, 1, 2].map(() => new Actor(db, guarantee ?? 'read-committed', means)) as [Actor, Actor, Actor]
  const check = await schedule.play(...actors)
  // A transaction the schedule did not use ends here; the others have ended.
  for (const actor of actors) await actor.commit()
  const committed = await Promise.all(actors.map((actor) => actor.committed()))
  check({ committed, rows: await read({})(db) })
  assert.ok(committed.some(Boolean), 'nothing at all got through')
  note(means.size === 0 ? 'by what each reads' : [...means].sort().join(', '))
}

async function seed(db: DataAccess): Promise<void> {
  await db.insert(
    'archon_tasks',
    [
      { title: '1', task_order: 10 },
      { title: '2', task_order: 20 },
    ],
    { returning: false },
  )
}
