import type { Statement } from '@archon-db/core/dialect'
import type { Address } from '../src/address.ts'
import { Client, type ClientOptions } from '../src/client.ts'
import { toDbError } from '../src/errors.ts'
import { columns, done, type Peer, ready, said, served, types } from './fake-server.ts'

export function open(address: Address, options: Partial<ClientOptions> = {}): Client {
  return new Client({ address, ssl: false, settings: {}, prepare: true, connectTimeoutMs: 10_000, ...options })
}

export function statement(text: string, params: readonly unknown[] = [], more: Partial<Statement> = {}): Statement {
  return { text, params, write: false, tables: [], ...more }
}

/** A script for the server and what the client does meanwhile, once they have met. */
export async function talk(
  script: (peer: Peer) => Promise<void>,
  work: (client: Client) => Promise<void>,
): Promise<void> {
  await served(
    async (peer) => {
      await peer.welcome()
      await script(peer)
    },
    async (address) => {
      const client = open(address)
      try {
        await work(client)
      } finally {
        client.destroy()
      }
    },
  )
}

export const PARSED: Buffer = said('1')
export const BOUND: Buffer = said('2')
export const A_NUMBER: Buffer = columns(['n', 23])

/** The answer to a statement that is new. */
export function answered(...rows: readonly Buffer[]): readonly Buffer[] {
  return [PARSED, types(25), A_NUMBER, BOUND, ...rows, done(`SELECT ${rows.length}`), ready()]
}

/** The letters of a request's messages. */
export function letters(request: readonly string[]): string {
  return request.map((message) => message[0]).join('')
}

export function codeOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => 'resolved',
    (error: unknown) => toDbError(error).code,
  )
}

export function signal(): [Promise<void>, () => void] {
  const { promise, resolve } = Promise.withResolvers<void>()
  return [promise, resolve]
}
