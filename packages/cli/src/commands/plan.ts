import { type Command, defineCommand } from '../command.ts'
import { count, label, printStatements } from '../migrating.ts'

export const plan: Command = defineCommand({
  name: 'plan',
  summary: 'Print the SQL that migrate would run',
  details: 'Changes nothing.',
  options: { to: { kind: 'number', value: 'VERSION', about: 'Stop after this migration' } },
  examples: [
    { run: 'plan', about: 'Everything that is missing' },
    { run: 'plan --json', about: 'For a review by other tools' },
  ],
  async run(context, { to }) {
    const { migrations } = await context.open()
    const found = await migrations.plan(to === undefined ? {} : { to })
    return {
      data: found,
      print(terminal) {
        if (found.steps.length === 0) terminal.line('The schema is up to date: there is nothing to run.')
        for (const { statements, dataStep, late, ...step } of found.steps) {
          const notes = [late ? 'came in after higher ones' : '', dataStep ? 'and then a data step' : ''].filter(
            Boolean,
          )
          const heading = `${label(step)}: ${[count(statements.length, 'statement'), ...notes].join(', ')}`
          terminal.line(terminal.style('bold', heading))
          printStatements(statements, terminal)
        }
      },
    }
  },
})
