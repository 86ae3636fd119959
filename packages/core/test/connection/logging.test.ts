import { beforeEach, expect, test } from 'vitest'
import { attachLogging } from '../../src/connection/logging.ts'
import type { LoggingConfig } from '../../src/connection/types.ts'
import { DbError } from '../../src/errors.ts'
import { type QueryEvent, QueryEvents } from '../../src/observe/events.ts'

const FAST: QueryEvent = { text: 'select *\n  from t', tables: ['t'], write: false, durationMs: 1.25, rows: 3 }
const SLOW: QueryEvent = { ...FAST, durationMs: 200, transaction: 7 }

let events: QueryEvents
let lines: string[]
beforeEach(() => {
  events = new QueryEvents()
  lines = []
})

function attach(config: LoggingConfig): () => void {
  return attachLogging({ onQuery: (listener) => events.on(listener) }, config, (line) => lines.push(line))
}

test('nothing asked for, nothing attached', () => {
  attach({ queries: false, slowQueryMs: null })()
  expect(events.active).toBe(false)
})

test('slow statements only, from the threshold on', () => {
  attach({ queries: false, slowQueryMs: 200 })
  for (const event of [FAST, { ...SLOW, durationMs: 199.9 }, SLOW]) events.emit(event)
  expect(lines).toEqual(['archon-db slow query 200.0 ms, 3 rows, t, transaction 7: select * from t'])
})

test('every statement, one line each, a failure by its code alone', () => {
  attach({ queries: true, slowQueryMs: null })
  events.emit(FAST)
  events.emit({
    ...FAST,
    tables: [],
    error: new DbError('unique_violation', 'hunter2', { cause: new Error('hunter2') }),
  })
  events.emit({ ...FAST, error: new TypeError('hunter2') })
  expect(lines).toEqual([
    'archon-db query 1.3 ms, 3 rows, t: select * from t',
    'archon-db query 1.3 ms, failed (unique_violation): select * from t',
    'archon-db query 1.3 ms, failed (TypeError), t: select * from t',
  ])
})

test('ends when asked to', () => {
  const end = attach({ queries: true, slowQueryMs: null })
  end()
  events.emit(FAST)
  expect(lines).toEqual([])
})
