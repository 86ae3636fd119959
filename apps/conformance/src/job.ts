/** One backend in a process of its own: started by jobs.ts, which says what to run and waits for what came of it. */
import { databaseRunner } from './harness/conformance.ts'
import type { Job } from './jobs.ts'
import { chosenBackends, chosenSuites, suitesCalled } from './selection.ts'
import { storeRunner } from './vector-stores/subject.ts'

// Servers of this process end with it, and it ends with the one that started it.
process.once('disconnect', () => process.exit(1))
process.once('message', (job: Job) => void work(job))

async function work({ backend, seed, required, suites: names, filter }: Job): Promise<void> {
  const suites = suitesCalled(names, chosenSuites({ filter }))
  const { backends, stores } = chosenBackends(backend, suites)
  const [runner] = [
    ...backends.map((one) => databaseRunner(one, suites.databases)),
    ...stores.map((one) => storeRunner(one, suites.stores)),
  ]
  const report = await runner!.run({ seed, ...(required !== undefined && { required }) })
  process.send!(report, () => process.exit(0))
}
