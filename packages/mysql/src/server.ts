import { type Capabilities, DbError } from '@archon-db/core/dialect'
import type { Client } from './client.ts'
import type { Server } from './dialect.ts'
import { type Flavour, MARIADB, MYSQL } from './flavour.ts'

export interface ServerFacts extends Server {
  readonly version: string
}

const VARIABLES = [
  'version',
  'version_comment',
  'max_allowed_packet',
  'auto_increment_increment',
  'innodb_ft_min_token_size',
  'innodb_ft_max_token_size',
  'innodb_ft_server_stopword_table',
  'innodb_ft_user_stopword_table',
]

/** One question about everything that matters later. */
export async function askServer(client: Client): Promise<ServerFacts> {
  const names = VARIABLES.map((name) => `'${name}'`).join(', ')
  const { rows } = await client.command(`show variables where variable_name in (${names})`)
  const variables = new Map(rows.map(([name, value]) => [String(name), String(value ?? '')]))
  const read = (name: string): string => variables.get(name) ?? ''
  const flavour = /mariadb/i.test(`${read('version')} ${read('version_comment')}`) ? MARIADB : MYSQL
  const version = /\d+(?:\.\d+)*/.exec(read('version').replace(/^5\.5\.5-/, ''))?.[0] ?? ''
  checkVersion(flavour, version)
  return {
    flavour,
    version,
    maxPacket: Number(read('max_allowed_packet')),
    idStep: Number(read('auto_increment_increment')),
    words: {
      shortest: Number(read('innodb_ft_min_token_size')),
      longest: Number(read('innodb_ft_max_token_size')),
      ownStopWords: read('innodb_ft_server_stopword_table') + read('innodb_ft_user_stopword_table') !== '',
    },
  }
}

function checkVersion({ product, oldest }: Flavour, version: string): void {
  const parts = version.split('.').map(Number)
  const differing = oldest.findIndex((part, i) => part !== (parts[i] ?? 0))
  if (differing < 0 || (parts[differing] ?? 0) > (oldest[differing] ?? 0)) return
  throw new DbError(
    'unsupported',
    `This server is ${product} ${version}; version ${oldest.join('.')} or later is needed.`,
  )
}

export function describeServer({ flavour, version }: ServerFacts): Capabilities {
  return {
    product: flavour.product,
    version,
    transactions: true,
    returning: false,
    json: true,
    fullText: true,
    vector: { native: false, index: 'local' },
    maxParameters: 65_535,
  }
}
