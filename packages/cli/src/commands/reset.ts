import { redactUrl } from '@archon-db/core/connection'
import { type Command, defineCommand } from '../command.ts'
import { confirm } from '../confirm.ts'
import { count, progressOf } from '../migrating.ts'

export const reset: Command = defineCommand({
  name: 'reset',
  summary: 'Delete everything and migrate anew (for development)',
  details:
    'Refuses on a database with more than 1000 rows, and where NODE_ENV is production, unless --force says otherwise.',
  options: {
    yes: { kind: 'flag', about: 'Do not ask' },
    force: { kind: 'flag', about: 'Also when that looks like a mistake' },
    maxRows: { kind: 'number', value: 'ROWS', about: 'How many rows pass for a toy (1000 when left out)' },
  },
  examples: [{ run: 'reset --yes', about: 'A fresh database, seeds included' }],
  async run(context, { yes, force, maxRows }) {
    const { path, url } = context.config()
    const { migrations } = await context.open()
    const question = `Everything in ${path ?? redactUrl(url)} is deleted. Go on?`
    if (!yes && !(await confirm(context, question, reset))) {
      return { data: { reset: false }, ok: false, print: (terminal) => terminal.line('Nothing was changed.') }
    }
    const limit = maxRows === undefined ? {} : { maxRows }
    const result = await migrations.reset({ force, ...limit, onProgress: progressOf(context) })
    const { applied, durationMs } = result
    const summary = `Fresh again: ${count(applied.length, 'migration')} applied in ${durationMs.toFixed(0)} ms.`
    return { data: result, print: (terminal) => terminal.line(`${terminal.style('green', '✓')} ${summary}`) }
  },
})
