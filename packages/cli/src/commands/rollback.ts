import type { RollbackPlan, RollbackTarget } from '@archon-db/core'
import { UsageError } from '../arguments.ts'
import { type Command, defineCommand, type Report } from '../command.ts'
import { confirm } from '../confirm.ts'
import { count, label, printStatements, progressOf } from '../migrating.ts'

export const rollback: Command = defineCommand({
  name: 'rollback',
  summary: 'Take the newest migrations out again',
  details: 'Shows what it is going to do first. Where that loses data it asks, or wants --yes.',
  arguments: [{ name: 'COUNT', about: 'how many migrations (1 when left out)' }],
  options: {
    to: { kind: 'number', value: 'VERSION', about: 'Take out everything after this migration; 0 for all' },
    yes: { kind: 'flag', about: 'Lose the data that the plan says is lost' },
    plan: { kind: 'flag', about: 'Only show what would be done, with its SQL' },
  },
  examples: [
    { run: 'rollback', about: 'The newest migration' },
    { run: 'rollback --to 3', about: 'Back to the schema of migration 3' },
    { run: 'rollback 2 --plan', about: 'What taking out two would run' },
  ],
  async run(context, { to, yes, plan: planOnly }, [number]) {
    const target = targetOf(number, to)
    const { migrations } = await context.open()
    const plan = await migrations.planRollback(target)
    if (planOnly) return shownPlan(plan)
    for (const line of describePlan(plan)) context.progress(line)
    if (plan.losesData && !yes && !(await confirm(context, 'Data is lost. Go on?', rollback))) return refused()
    const result = await migrations.rollback({ ...target, acceptDataLoss: true, onProgress: progressOf(context) })
    const summary = `Took out ${count(result.reverted.length, 'migration')} in ${result.durationMs.toFixed(0)} ms.`
    return {
      data: result,
      print: (terminal) => terminal.line(`${terminal.style('green', '✓')} ${summary}`),
    }
  },
})

function targetOf(number: string | undefined, to: number | undefined): RollbackTarget {
  if (to !== undefined && number !== undefined)
    throw new UsageError('rollback takes COUNT or --to, not both.', rollback)
  if (to !== undefined) return { to }
  if (number === undefined) return {}
  if (!/^[1-9]\d{0,8}$/.test(number)) throw new UsageError('COUNT is a whole number from 1.', rollback)
  return { steps: Number(number) }
}

function describePlan({ steps }: RollbackPlan): string[] {
  if (steps.length === 0) return ['There is nothing to take out.']
  return steps.map((step) => {
    const notes = [step.partial ? 'never wholly in place' : '', step.losesData ? 'loses data' : ''].filter(Boolean)
    return `${label(step)}${notes.length > 0 ? ` (${notes.join(', ')})` : ''}`
  })
}

function shownPlan(plan: RollbackPlan): Report {
  return {
    data: plan,
    print(terminal) {
      const lines = describePlan(plan)
      for (const [i, line] of lines.entries()) {
        terminal.line(terminal.style('bold', line))
        printStatements(plan.steps[i]?.statements ?? [], terminal)
      }
    },
  }
}

function refused(): Report {
  return { data: { reverted: [] }, ok: false, print: (terminal) => terminal.line('Nothing was changed.') }
}
