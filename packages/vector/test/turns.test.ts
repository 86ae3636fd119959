import { expect, test } from 'vitest'
import { Turns } from '../src/local/follow/turns.ts'

/** A task whose runs end when they are told to. */
function controlled(): { turns: Turns<number>; ends: (() => void)[] } {
  const ends: (() => void)[] = []
  const turns = new Turns(() => {
    const run = ends.length + 1
    return new Promise<number>((resolve) => ends.push(() => resolve(run)))
  })
  return { turns, ends }
}

const settled = () => new Promise((resolve) => setImmediate(resolve))

test('callers that come together share a run', async () => {
  const { turns, ends } = controlled()
  const calls = [turns.run(), turns.run(), turns.run()]
  await settled()
  expect(ends).toHaveLength(1)
  ends[0]?.()
  expect(await Promise.all(calls)).toEqual([1, 1, 1])
})

test('a run that is under way is not shared: it may have looked too early', async () => {
  const { turns, ends } = controlled()
  const first = turns.run()
  await settled()
  const later = [turns.run(), turns.run()]
  await settled()
  expect(ends).toHaveLength(1)
  ends[0]?.()
  await settled()
  expect(ends).toHaveLength(2)
  ends[1]?.()
  expect([await first, ...(await Promise.all(later))]).toEqual([1, 2, 2])
})

test('a failure is that run’s alone', async () => {
  let runs = 0
  const turns = new Turns(async () => {
    if (++runs === 1) throw new Error('once')
    return runs
  })
  await expect(turns.run()).rejects.toThrow('once')
  expect(await turns.run()).toBe(2)
})

test('what wants to be alone waits for the run, and the next run for it', async () => {
  const { turns, ends } = controlled()
  const order: string[] = []
  const first = turns.run().then(() => order.push('first'))
  await settled()
  const alone = turns.alone(async () => {
    await settled()
    order.push('alone')
  })
  const last = turns.run().then(() => order.push('last'))
  await settled()
  expect(order).toEqual([])
  ends[0]?.()
  await alone
  await settled()
  ends[1]?.()
  await Promise.all([first, last])
  expect(order).toEqual(['first', 'alone', 'last'])
})
