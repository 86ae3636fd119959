/** Runs every check, or those named by `--only a,b`, and sums them up: the last line is the result. */
import type { Writable } from 'node:stream'
import { parseArgs } from 'node:util'
import { add, type Counts, FAILED, say } from './checks/counts.ts'
import { CHECKS, type Check } from './checks/index.ts'
import { prepareScratch } from './checks/scratch.ts'
import { Turns } from './checks/turns.ts'

interface Outcome {
  readonly check: Check
  readonly counts: Counts
  readonly seconds: number
}

try {
  process.exitCode = await main()
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 2
}

async function main(): Promise<number> {
  const checks = chosen()
  if (checks === undefined) return 2
  prepareScratch()
  const turns = new Turns(process.stdout)
  const outcomes: Outcome[] = []
  for (const group of groupsOf(checks)) {
    outcomes.push(...(await Promise.all(group.map((check) => runCheck(check, turns.next())))))
  }
  console.log('\n== Result')
  for (const { check, counts, seconds } of outcomes) {
    console.log(
      `${counts.failed > 0 ? '✗' : '✓'} ${check.title.padEnd(36)}${`${seconds.toFixed(1)} s`.padStart(9)}   ${say(counts)}`,
    )
  }
  const total = add(outcomes.map(({ counts }) => counts))
  console.log(`\n${say(total)}`)
  return total.failed > 0 ? 1 : 0
}

/** The checks to run, or nothing after saying what is wrong with the command. */
function chosen(): readonly Check[] | undefined {
  const known = CHECKS.map(({ id }) => id)
  const ids = only()?.split(',') ?? known
  const unknown = ids.filter((id) => !known.includes(id))
  if (unknown.length === 0) return CHECKS.filter(({ id }) => ids.includes(id))
  console.error(`There is no check called ${unknown.join(', ')}. \`--only\` takes some of ${known.join(',')}.`)
  return undefined
}

function only(): string | undefined {
  const args = process.argv.slice(2).filter((argument) => argument !== '--')
  return parseArgs({ args, options: { only: { type: 'string' } } }).values.only
}

/** Neighbours that may run at the same time, and all others one by one. */
function groupsOf(checks: readonly Check[]): Check[][] {
  const groups: Check[][] = []
  for (const check of checks) {
    const last = groups.at(-1)
    if (check.beside && last?.[0]?.beside) last.push(check)
    else groups.push([check])
  }
  return groups
}

/** A check that cannot even say what it found has failed, and the next one still runs. */
async function runCheck(check: Check, output: Writable): Promise<Outcome> {
  output.write(`\n== ${check.title}\n`)
  const start = performance.now()
  let counts = FAILED
  try {
    counts = await check.run(output)
  } catch (error) {
    output.write(`${error instanceof Error ? error.stack : error}\n`)
  }
  const seconds = (performance.now() - start) / 1000
  output.end(`-- ${check.title}: ${say(counts)} (${seconds.toFixed(1)} s)\n`)
  return { check, counts, seconds }
}
