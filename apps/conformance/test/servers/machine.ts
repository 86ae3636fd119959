import type { TestContext } from 'vitest'
import { acquireOwnServer, isRunning, mustRun, type RunningServer, type ServerKind } from '../../src/servers/index.ts'

/** The first start on a machine unpacks packages; later ones take a second. */
export const startMs = 180_000

/** A server of the test's own, stopped after it. Without one the test is skipped, or fails where it must run. */
export async function ownServer(
  kind: ServerKind,
  context: TestContext,
  extraArguments: readonly string[] = [],
): Promise<RunningServer> {
  const server = await acquireOwnServer(kind, extraArguments)
  if (isRunning(server)) {
    // A MySQL primary takes its time to part with a replica.
    context.onTestFinished(async () => await server.stop(), 30_000)
    return server
  }
  if (mustRun(kind)) throw new Error(server.notRun)
  return context.skip(server.notRun)
}

/** Asks again until the answer is yes; what never happens fails by name. */
export async function eventually(
  what: string,
  happened: () => boolean | Promise<boolean>,
  withinMs = 20_000,
): Promise<void> {
  const deadline = Date.now() + withinMs
  while (!(await happened())) {
    if (Date.now() > deadline) throw new Error(`${what} did not happen within ${withinMs} ms`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
