import type { Database } from '@archon-db/core'
import type { Config } from '@archon-db/core/connection'
import type { Context } from '../command.ts'
import { DATABASE_CHECKS } from './checks.ts'
import { probesFor, runProbe } from './probes.ts'
import { configuration, connection, diskSpace, runtime } from './surroundings.ts'

export type Verdict = 'ok' | 'warning' | 'failed' | 'skipped'

/** What one check found. */
export interface Result {
  readonly verdict: Verdict
  readonly detail: string
  /** What to do about it. */
  readonly advice?: string
}

export interface Finding extends Result {
  readonly name: string
}

/** What the checks look at. */
export interface Subject {
  readonly config: Config
  readonly database: Database
}

/** All checks, each building on those before it: without a configuration there is nothing to connect to, and so on. */
export async function examine(context: Context): Promise<Finding[]> {
  const findings: Finding[] = [{ name: 'runtime', ...runtime() }]
  const configured = configuration(context)
  findings.push({ name: 'configuration', ...configured.result })
  if (!configured.config) return findings
  const { config } = configured
  findings.push({ name: 'disk space', ...(await diskSpace(config)) })
  const connected = await connection(context)
  findings.push({ name: 'connection', ...connected.result })
  if (!connected.database) return findings
  const subject = { config, database: connected.database }
  for (const { name, run } of DATABASE_CHECKS) findings.push({ name, ...(await settled(() => run(subject))) })
  for (const probe of probesFor(config)) {
    findings.push({ name: probe.name, ...(await settled(() => runProbe(probe, subject.database))) })
  }
  return findings
}

/** A check that cannot be made is a finding too. */
async function settled(check: () => Promise<Result>): Promise<Result> {
  try {
    return await check()
  } catch (error) {
    return { verdict: 'failed', detail: error instanceof Error ? error.message : String(error) }
  }
}
