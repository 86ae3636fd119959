import { type Command, defineCommand } from '../command.ts'
import { count } from '../migrating.ts'

export const repair: Command = defineCommand({
  name: 'repair',
  summary: 'Record the present text of migrations that were edited after they ran',
  details:
    'For when somebody has looked, and both texts come to the same: a comment was mended, a line end changed.\n' +
    'Runs none of their SQL.',
  options: {},
  examples: [
    { run: 'status', about: 'Which ones were edited' },
    { run: 'repair', about: 'Record them as they are now' },
  ],
  async run(context) {
    const { migrations } = await context.open()
    const result = await migrations.repair()
    return {
      data: result,
      print(terminal) {
        const done = `${terminal.style('green', '✓')} Recorded ${count(result.repaired.length, 'migration')} anew.`
        terminal.line(result.repaired.length === 0 ? 'No migration was edited: there is nothing to repair.' : done)
        for (const { message } of result.repaired) terminal.line(`  was: ${message}`)
      },
    }
  },
})
