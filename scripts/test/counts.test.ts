import { expect, test } from 'vitest'
import { add, conformanceCounts, say, turboCounts, vitestCounts, withExitCode } from '../checks/counts.ts'

const counts = (passed: number, failed: number, skipped: number) => ({ passed, failed, skipped })

test('the last line names skipped tests only where there are any', () => {
  expect(say(counts(3, 0, 0))).toBe('3 passed, 0 failed')
  expect(say(add([counts(3, 0, 1), counts(1, 2, 0)]))).toBe('4 passed, 2 failed, 1 skipped')
})

test('a tool that ends badly has failed, also without a counted failure', () => {
  expect(withExitCode(counts(5, 0, 0), 1)).toEqual(counts(5, 1, 0))
  expect(withExitCode(counts(5, 2, 0), 1)).toEqual(counts(5, 2, 0))
  expect(withExitCode(counts(5, 0, 0), 0)).toEqual(counts(5, 0, 0))
})

test('a test file that cannot be loaded counts as a failure', () => {
  const report = { numPassedTests: 4, numFailedTests: 0, numFailedTestSuites: 1, numPendingTests: 2, numTodoTests: 1 }
  expect(vitestCounts(report)).toEqual(counts(4, 1, 3))
  expect(vitestCounts({ ...report, numFailedTests: 3 })).toEqual(counts(4, 3, 3))
})

test('a backend that could not run is never counted as passed', () => {
  const summary = { passed: 400, failed: 1, skipped: 2, notRun: 40 }
  expect(conformanceCounts({ summary })).toEqual(counts(400, 1, 42))
})

test('a report without counts is an error, not a pass', () => {
  expect(() => conformanceCounts({})).toThrow('The report has no number called passed.')
  expect(() => vitestCounts(undefined)).toThrow('The report has no number called numFailedTests.')
})

test('each task asked for counts once; one that never ran has failed', () => {
  const tasks = [
    { taskId: 'a#build', execution: { exitCode: 0 } },
    { taskId: 'a#publint', execution: { exitCode: 0 } },
    { taskId: 'b#publint', execution: { exitCode: 1 } },
    { taskId: 'c#publint' },
    { taskId: '//#typecheck:root', execution: { exitCode: 0 } },
  ]
  expect(turboCounts({ tasks }, ['publint'])).toEqual(counts(1, 2, 0))
  expect(turboCounts({ tasks }, ['typecheck:root', 'build'])).toEqual(counts(2, 0, 0))
})
