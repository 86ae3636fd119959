import { UsageError } from '../arguments.ts'
import { type Command, defineCommand } from '../command.ts'
import { label } from '../migrating.ts'

export const baseline: Command = defineCommand({
  name: 'baseline',
  summary: 'Record migrations as in place without running them',
  details:
    'For a database that was made another way: from a dump, or by hand. It is compared with the schema of that migration\n' +
    'first, and what is missing is listed instead.',
  arguments: [{ name: 'VERSION', about: 'the last migration whose work is in place', required: true }],
  options: { force: { kind: 'flag', about: 'Record it even though the database does not have that schema' } },
  examples: [{ run: 'baseline 2', about: 'Migrations 1 and 2 are in place' }],
  async run(context, { force }, [version = '']) {
    if (!/^[1-9]\d{0,8}$/.test(version)) throw new UsageError('VERSION is a whole number from 1.', baseline)
    const { migrations } = await context.open()
    const result = await migrations.baseline({ version: Number(version), force })
    const { recorded, differences } = result
    return {
      data: result,
      print(terminal) {
        const what = recorded.length === 0 ? 'It was recorded already' : `Recorded ${recorded.map(label).join(', ')}`
        terminal.line(`${terminal.style('green', '✓')} ${what}.`)
        for (const { message } of differences) terminal.line(`  ${terminal.style('yellow', '!')} ${message}`)
      },
    }
  },
})
