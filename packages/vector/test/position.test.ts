import { describe, expect, test } from 'vitest'
import { advance, type Change, fromMark, isSameChange, START, toMark } from '../src/local/follow/position.ts'

const LATE = { late: true, longestTransactionMs: 1000 }
const change = (seq: number, time = seq): Change => ({ seq, table: 't', record: 7, time })
const gapsAfter = (...seqs: number[]): [number, number][] => {
  const { gaps } = advance(
    START,
    seqs.map((seq) => change(seq)),
    LATE,
  )
  return gaps.map(({ from, to }) => [from, to])
}

describe('gaps', () => {
  test.each([
    [[1, 2, 3], []],
    [[2, 3], [[1, 1]]],
    [
      [1, 5, 9],
      [
        [2, 4],
        [6, 8],
      ],
    ],
    [
      [1, 5, 3],
      [
        [2, 2],
        [4, 4],
      ],
    ],
    [[1, 5, 2, 4, 3], []],
    [[1, 1, 2, 2], []],
  ])('after %j', (seqs, gaps) => {
    expect(gapsAfter(...(seqs as number[]))).toEqual(gaps)
  })

  test('where writers take turns there are none', () => {
    expect(advance(START, [change(5)], { ...LATE, late: false })).toEqual({ last: change(5), gaps: [] })
  })

  test('are given up when no transaction can be running in them', () => {
    const opened = advance(START, [change(1, 0), change(3, 100)], LATE)
    expect(advance(opened, [change(4, 1100)], LATE).gaps).toEqual([{ from: 2, to: 2, since: 100 }])
    expect(advance(opened, [change(4, 1101)], LATE).gaps).toEqual([])
  })

  test('are joined rather than counted without end', () => {
    const seqs = Array.from({ length: 500 }, (_, i) => 2 * (i + 1))
    const gaps = gapsAfter(...seqs)
    expect(gaps.length).toBeLessThanOrEqual(32)
    for (const seq of seqs) expect(gaps.some(([from, to]) => from <= seq - 1 && seq - 1 <= to)).toBe(true)
  })
})

describe('a mark', () => {
  test('brings back the position, large ids too', () => {
    const last = { seq: 9, table: 't', record: 2n ** 60n, time: 5 }
    const position = { last, gaps: [{ from: 1, to: 3, since: 4 }] }
    expect(fromMark(toMark(position))).toEqual(position)
    expect(fromMark(toMark({ ...position, last: change(9) }))).toEqual({ ...position, last: change(9) })
  })

  test.each([undefined, '', toMark(START)])('that says nothing: %j', (mark) => {
    expect(fromMark(mark)).toBe(null)
  })
})

test('a change is the same only as a whole', () => {
  expect(isSameChange(change(1), change(1))).toBe(true)
  expect(isSameChange(undefined, change(1))).toBe(false)
  for (const other of [{ seq: 2 }, { table: 'u' }, { record: 8 }, { time: 9 }]) {
    expect(isSameChange({ ...change(1), ...other }, change(1))).toBe(false)
  }
})
