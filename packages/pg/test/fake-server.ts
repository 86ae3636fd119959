import { createServer, type Socket } from 'node:net'
import { type Duplex, Readable } from 'node:stream'
import { TLSSocket } from 'node:tls'
import type { Address } from '../src/address.ts'

/** A message: its letter, its length, its body. */
export function said(letter: string, ...parts: readonly (string | readonly number[] | Buffer)[]): Buffer {
  const body = Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : Buffer.from(part))))
  return Buffer.concat([Buffer.from(letter), int32(body.length + 4), body])
}

export function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(value)
  return bytes
}

export function columns(...all: readonly (readonly [name: string, oid: number])[]): Buffer {
  const parts = all.map(([name, oid]) =>
    Buffer.concat([Buffer.from(`${name}\0`), Buffer.alloc(6), int32(oid), Buffer.alloc(8)]),
  )
  return said('T', [0, all.length], ...parts)
}

export function row(...cells: readonly (string | null)[]): Buffer {
  const parts = cells.map((cell) =>
    cell === null ? int32(-1) : Buffer.concat([int32(Buffer.byteLength(cell)), Buffer.from(cell)]),
  )
  return said('D', [0, cells.length], ...parts)
}

export const types = (...oids: readonly number[]): Buffer => said('t', [0, oids.length], ...oids.map(int32))
export const done = (tag: string): Buffer => said('C', `${tag}\0`)
/** `I` outside a transaction, `T` in one, `E` in one that failed. */
export const ready = (state: 'I' | 'T' | 'E' = 'I'): Buffer => said('Z', state)
export const failure = (code: string, more: Readonly<Record<string, string>> = {}): Buffer =>
  said(
    'E',
    ...Object.entries({ V: 'ERROR', C: code, M: 'words', ...more }).map(([field, text]) => `${field}${text}\0`),
    '\0',
  )
/** What is said to who is let in. */
export const WELCOME: readonly Buffer[] = [
  said('R', int32(0)),
  said('S', 'TimeZone\0UTC\0'),
  said('K', int32(4711), int32(99)),
  ready(),
]

/** The server's end of one connection. */
export class Peer {
  #socket: Duplex
  #chunks: AsyncIterator<Buffer>
  #bytes = Buffer.alloc(0)

  constructor(socket: Duplex) {
    this.#socket = socket
    this.#chunks = Readable.from(socket)[Symbol.asyncIterator]()
    socket.on('error', () => {})
  }

  async #take(length: number): Promise<Buffer> {
    while (this.#bytes.length < length) {
      const { value, done: isOver } = await this.#chunks.next()
      if (isOver) throw new Error('The client hung up.')
      this.#bytes = Buffer.concat([this.#bytes, value])
    }
    const taken = this.#bytes.subarray(0, length)
    this.#bytes = this.#bytes.subarray(length)
    return taken
  }

  /** A message without a letter: startup, the wish to encrypt, the wish to cancel. */
  async hello(): Promise<string> {
    const length = (await this.#take(4)).readInt32BE()
    return (await this.#take(length - 4)).toString('latin1')
  }

  async hear(): Promise<{ letter: string; body: string }> {
    const letter = (await this.#take(1)).toString()
    const length = (await this.#take(4)).readInt32BE()
    return { letter, body: (await this.#take(length - 4)).toString('latin1') }
  }

  /** All messages of a request, their letters followed by what they hold. */
  async request(last: 'S' | 'H' | 'Q' | 'X' = 'S'): Promise<string[]> {
    const heard: string[] = []
    for (;;) {
      const { letter, body } = await this.hear()
      heard.push(letter + body)
      if (letter === last) return heard
    }
  }

  say(...messages: readonly Buffer[]): void {
    this.#socket.write(Buffer.concat(messages))
  }

  async welcome(): Promise<string> {
    const hello = await this.hello()
    this.say(...WELCOME)
    return hello
  }

  encrypt(key: string, cert: string): void {
    this.#socket = new TLSSocket(this.#socket as Socket, { isServer: true, key, cert })
    this.#chunks = Readable.from(this.#socket)[Symbol.asyncIterator]()
    this.#socket.on('error', () => {})
  }

  hangUp(): void {
    this.#socket.destroy()
  }
}

/** Treats every connection by the script, and ends with the client's work. What goes wrong in a script is thrown here. */
export async function served<T>(
  script: (peer: Peer) => Promise<void>,
  work: (address: Address) => Promise<T>,
): Promise<T> {
  const peers: Peer[] = []
  const scripts: Promise<void>[] = []
  const server = createServer((socket) => {
    const peer = new Peer(socket)
    peers.push(peer)
    const run = script(peer)
    // Else the client would wait for what does not come.
    run.catch(() => peer.hangUp())
    scripts.push(run)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  const [worked] = await Promise.allSettled([work({ ...SOMEBODY, port })])
  for (const peer of peers) peer.hangUp()
  server.close()
  await Promise.all(scripts)
  if (worked.status === 'rejected') throw worked.reason
  return worked.value
}

const SOMEBODY: Omit<Address, 'port'> = {
  host: 'localhost',
  user: 'somebody',
  password: 'pencil',
  database: undefined,
  sslmode: undefined,
  pooled: false,
  settings: {},
}
