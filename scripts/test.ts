/** Runs every check, or those named by `--only a,b`, and sums them up: the last line is the result. */
import { parseArgs } from 'node:util'
import { add, type Counts, FAILED, say } from './checks/counts.ts'
import { CHECKS, type Check } from './checks/index.ts'

interface Outcome {
  readonly check: Check
  readonly counts: Counts
  readonly seconds: number
}

try {
  process.exitCode = main()
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 2
}

function main(): number {
  const checks = chosen()
  if (checks === undefined) return 2
  const outcomes = checks.map(runCheck)
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

/** A check that cannot even say what it found has failed, and the next one still runs. */
function runCheck(check: Check): Outcome {
  console.log(`\n== ${check.title}`)
  const start = performance.now()
  let counts = FAILED
  try {
    counts = check.run()
  } catch (error) {
    console.error(error)
  }
  const seconds = (performance.now() - start) / 1000
  console.log(`-- ${check.title}: ${say(counts)} (${seconds.toFixed(1)} s)`)
  return { check, counts, seconds }
}
