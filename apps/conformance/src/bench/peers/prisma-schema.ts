import { CHUNK_TABLE, type ColumnKind, type PeerTable, PROJECT_TABLE, SETTING_TABLE, TASK_TABLE } from './tables.ts'

/** One schema a provider: a client is generated for a single one. */
export type Provider = 'sqlite' | 'postgresql' | 'mysql'

export const clientFolder = (provider: Provider): string => `client-${provider}`

const UUID: Readonly<Record<Provider, string>> = { sqlite: '', postgresql: ' @db.Uuid', mysql: '' }
/** SQLite numbers no wider ones. */
const NUMBER: Readonly<Record<Provider, string>> = { sqlite: 'Int', postgresql: 'BigInt', mysql: 'BigInt' }

export function prismaSchema(provider: Provider): string {
  return `generator client {
  provider   = "prisma-client"
  output     = "./${clientFolder(provider)}"
  engineType = "client"
  runtime    = "nodejs"
}

datasource db {
  provider = "${provider}"
}

enum task_status {
  todo
  doing
  review
  done
}

enum task_priority {
  low
  medium
  high
  critical
}

${model('task', TASK_TABLE, provider, 'project project? @relation(fields: [project_id], references: [id])')}
${model('project', PROJECT_TABLE, provider, 'tasks task[]')}
${model('setting', SETTING_TABLE, provider)}
${model('chunk', CHUNK_TABLE, provider)}`
}

function model(name: string, { table, columns }: PeerTable, provider: Provider, relation = ''): string {
  const kinds: Readonly<Record<ColumnKind, string>> = {
    uuidKey: `String @id @default(uuid())${UUID[provider]}`,
    numberedKey: `${NUMBER[provider]} @id @default(autoincrement())`,
    uuid: `String?${UUID[provider]}`,
    text: 'String?',
    uniqueText: 'String @unique',
    status: 'task_status?',
    priority: 'task_priority?',
    integer: 'Int?',
    boolean: 'Boolean?',
    json: 'Json?',
    timestamp: 'DateTime?',
  }
  const fields = Object.entries(columns).map(([column, kind]) => `${column} ${kinds[kind]}`)
  return `model ${name} {\n  ${[...fields, relation, `@@map("${table}")`].join('\n  ')}\n}\n`
}
