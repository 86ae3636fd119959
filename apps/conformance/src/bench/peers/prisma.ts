import { join } from 'node:path'
import type { Library, LibraryCases } from '../libraries/library.ts'
import { changedSettings, freshChunks } from '../rows.ts'
import { hundred, pick, type StageData } from '../stage.ts'
import type { Peer } from './peer.ts'
import { PRISMA_TARGETS, type PrismaTarget } from './prisma-adapters.ts'
import { clientFolder, type Provider, prismaSchema } from './prisma-schema.ts'
import { run } from './run.ts'

/** What is used of the generated client, whose types are not there when this is compiled. */
interface Client extends Models {
  $disconnect(): Promise<void>
  $transaction(works: readonly Promise<unknown>[]): Promise<unknown>
  $transaction(work: (models: Models) => Promise<unknown>): Promise<unknown>
}

interface Models {
  readonly task: Model
  readonly setting: Model
  readonly chunk: Model
}

interface Model {
  findUnique(query: object): Promise<object | null>
  findMany(query: object): Promise<object[]>
  count(query: object): Promise<number>
  update(query: object): Promise<unknown>
  updateMany(query: object): Promise<unknown>
  upsert(query: object): Promise<unknown>
  createMany(query: object): Promise<unknown>
}

const VERSION = '7.10.0'
const PROVIDERS = [...new Set(Object.values(PRISMA_TARGETS).map((target) => target.provider))]
const schemaFile = (provider: Provider): string => `${provider}.prisma`

export const prisma: Peer = {
  name: 'prisma',
  version: VERSION,
  packages: Object.fromEntries(
    ['prisma', '@prisma/client', '@prisma/adapter-libsql', '@prisma/adapter-mariadb', '@prisma/adapter-pg'].map(
      (name) => [name, VERSION],
    ),
  ),
  files: Object.fromEntries(PROVIDERS.map((provider) => [schemaFile(provider), prismaSchema(provider)])),
  backends: Object.keys(PRISMA_TARGETS),
  async build(folder) {
    for (const provider of PROVIDERS) await generate(folder, schemaFile(provider))
  },
  async open(installed, backend, url): Promise<Library> {
    const { provider, adapter } = PRISMA_TARGETS[backend] as PrismaTarget
    const { PrismaClient } = await installed.load<{ PrismaClient: new (options: object) => Client }>(
      `./${clientFolder(provider)}/client.ts`,
    )
    const client = new PrismaClient({ adapter: await adapter(url, installed) })
    return { cases: (stage) => casesOf(client, stage), close: () => client.$disconnect() }
  },
}

/** Generating starts no engine, but looks for one and would fetch it. */
async function generate(folder: string, schema: string): Promise<void> {
  const env = { ...process.env, PRISMA_SCHEMA_ENGINE_BINARY: process.execPath, CHECKPOINT_DISABLE: '1' }
  const program = join(folder, 'node_modules', 'prisma', 'build', 'index.js')
  await run(process.execPath, [program, 'generate', '--schema', schema], folder, env)
}

function casesOf(client: Client, stage: StageData): LibraryCases {
  const { task, chunk } = client
  const read = (index: number): Promise<unknown> => task.findUnique({ where: { id: pick(stage, index) } })
  const list = { id: true, title: true, status: true, sources: true, task_order: true, created_at: true }
  const orderBy = [{ task_order: 'asc' }, { id: 'asc' }]
  const after = (from: number): object => ({ where: { task_order: { gt: from } }, orderBy, take: 50 })
  return {
    'point-read': { prisma: read },
    'point-write': {
      prisma: (i) => task.updateMany({ where: { id: pick(stage, i) }, data: { title: `title ${i}` } }),
    },
    'list-50': { prisma: (i) => task.findMany({ select: list, ...after(i % 4000) }) },
    'filtered-count': {
      prisma: (i) => task.count({ where: { status: 'todo', task_order: { gte: i % 4000 } } }),
    },
    join: {
      prisma: (i) =>
        task.findMany({ select: { title: true, project: { select: { title: true } } }, ...after(i % 4000) }),
    },
    'concurrent-100': { prisma: (i) => hundred(read, i) },
    upsert: { prisma: () => upsert(client) },
    'update-by-filter': {
      prisma: (i) => task.updateMany({ where: { task_order: { gte: 1000, lte: 1500 } }, data: { feature: `f${i}` } }),
    },
    transaction: {
      prisma: (i) =>
        client.$transaction(async ({ task: inside }) => {
          for (let n = 0; n < 5; n++)
            await inside.updateMany({ where: { id: pick(stage, i + n) }, data: { title: `t${i}` } })
        }),
    },
    'bulk-insert': { prisma: () => chunk.createMany({ data: freshChunks() }) },
  }
}

/** One by one: it has no call for many. */
function upsert(client: Client): Promise<unknown> {
  return client.$transaction(
    changedSettings().map(({ key, value }) =>
      client.setting.upsert({ where: { key }, create: { key, value }, update: { value }, select: { id: true } }),
    ),
  )
}
