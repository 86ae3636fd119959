import { connect as connectPlain, isIP, type Socket } from 'node:net'
import { type ConnectionOptions, connect as connectTls } from 'node:tls'
import { DbError } from '@archon-db/core/dialect'
import type { Address } from './address.ts'
import { Writer } from './requests.ts'
import type { DriverSsl } from './ssl.ts'

const KEEP_ALIVE_MS = 30_000
const READ_SIZE = 65_536
const ENCRYPTS = 83

export interface SocketEvents {
  /** It can be written to. */
  opened(): void
  /** Bytes that may be written over after this. */
  read(bytes: Buffer, length: number): void
  /** It broke, or was closed when there is no error. Called once at least. */
  closed(error: Error | null): void
}

/** A socket to write to. What it reads into is its own where it is not encrypted: that saves a buffer for each read. */
export class Wire {
  readonly #events: SocketEvents
  #socket: Socket

  constructor(address: Address, ssl: DriverSsl, events: SocketEvents) {
    this.#events = events
    if (ssl) {
      this.#socket = dial(address)
      this.#negotiate(address, ssl)
    } else {
      const buffer = Buffer.allocUnsafeSlow(READ_SIZE)
      const onread = {
        buffer,
        callback: (length: number, bytes: Uint8Array): boolean => {
          events.read(bytes as Buffer, length)
          return true
        },
      }
      this.#socket = dial(address, { onread })
      this.#watch(this.#socket)
    }
    this.#socket.setNoDelay(true).setKeepAlive(true, KEEP_ALIVE_MS)
    if (!ssl) this.#socket.once('connect', () => events.opened())
  }

  #watch(socket: Socket): void {
    socket.on('error', (error) => this.#events.closed(error))
    socket.on('close', () => this.#events.closed(null))
  }

  #negotiate(address: Address, ssl: Exclude<DriverSsl, false>): void {
    const plain = this.#socket
    this.#watch(plain)
    plain.once('connect', () => plain.write(new Writer().sslRequest().take()))
    plain.once('data', (answer: Buffer) => {
      // More than one letter would be words that somebody put in before the encryption.
      if (answer.length !== 1) this.#refuse('The server answered the wish to encrypt with more than a letter.')
      else if (answer[0] === ENCRYPTS) this.#encrypt(plain, tlsOptions(address, ssl))
      else if (ssl === 'prefer') this.#readFrom(plain)
      else
        this.#refuse(
          'The server does not encrypt. Let it, or connect with sslmode=disable where the network is trusted.',
        )
    })
  }

  #encrypt(plain: Socket, options: ConnectionOptions): void {
    // What ends the encrypted one comes from there, with the reason.
    plain.removeAllListeners('close')
    const socket = connectTls({ ...options, socket: plain })
    this.#socket = socket
    this.#watch(socket)
    socket.once('secureConnect', () => this.#readFrom(socket))
  }

  #readFrom(socket: Socket): void {
    socket.on('data', (bytes: Buffer) => this.#events.read(bytes, bytes.length))
    this.#events.opened()
  }

  #refuse(message: string): void {
    this.#events.closed(new DbError('connection_failed', message))
  }

  write(bytes: Buffer): void {
    this.#socket.write(bytes)
  }

  end(bytes: Buffer): void {
    this.#socket.end(bytes)
  }

  destroy(): void {
    this.#socket.destroy()
  }
}

function tlsOptions({ host }: Address, ssl: Exclude<DriverSsl, false>): ConnectionOptions {
  const identity = isIP(host) ? { host } : { host, servername: host }
  if (ssl === 'require' || ssl === 'prefer') return { ...identity, rejectUnauthorized: false }
  return ssl === 'verify-full' ? identity : { ...identity, ...ssl }
}

/** What reads is said beforehand, where anything is to be read. */
export function dial({ host, port }: Address, options: object = {}): Socket {
  return host.startsWith('/')
    ? connectPlain({ path: `${host}/.s.PGSQL.${port}`, ...options })
    : connectPlain({ host, port, ...options })
}
