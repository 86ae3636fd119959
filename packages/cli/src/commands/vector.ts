import { UsageError } from '../arguments.ts'
import { type Command, type Context, defineCommand, type Report } from '../command.ts'
import { rebuildStore, storeStatus, verifyStore } from '../vectors.ts'

const ACTIONS: Readonly<Record<string, (context: Context) => Promise<Report>>> = {
  status: storeStatus,
  rebuild: rebuildStore,
  verify: verifyStore,
}

export const vector: Command = defineCommand({
  name: 'vector',
  summary: 'Show, refill or compare the vectors that searches use',
  details:
    'status   where embeddings are searched, how many there are, and how far a store outside is behind. Changes nothing.\n' +
    'rebuild  sends every embedding to the store outside once more. Searches read the tables meanwhile.\n' +
    'verify   brings the store up to date and compares every vector. Exit code 1 when one differs.\n' +
    '\n' +
    'The store is that of VECTOR_DATABASE. Embeddings of zeros are near to nothing, so no store has them.',
  arguments: [{ name: 'ACTION', about: 'status, rebuild or verify', required: true }],
  options: {},
  examples: [
    { run: 'vector status', about: 'What is indexed where' },
    { run: 'vector rebuild', about: 'After the store, or the database, came back from a backup' },
    { run: 'vector verify --json', about: 'Every difference, for machines' },
  ],
  async run(context, _options, [name = '']) {
    const action = Object.hasOwn(ACTIONS, name) ? ACTIONS[name] : undefined
    if (!action) throw new UsageError('ACTION takes status, rebuild or verify.', vector)
    return await action(context)
  },
})
