import { type Suite, suite } from '../../harness/index.ts'
import { back } from './back.ts'
import { drift } from './drift.ts'
import { forward } from './forward.ts'
import { processes } from './processes.ts'
import { upgrades } from './upgrades.ts'

export const migrations: Suite = suite('migrations', (t) => {
  forward(t)
  drift(t)
  back(t)
  upgrades(t)
  processes(t)
})
