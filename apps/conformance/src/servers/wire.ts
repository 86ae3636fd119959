import { connect, createServer, type Server, type Socket } from 'node:net'

/** Looks at what a client sends before it is passed on; `cut` drops it together with the connection. */
export type Inspect = (sent: Buffer) => 'pass' | 'cut-before' | 'cut-after'

/** A wire before a server that can be cut, go silent or lead nowhere. */
export class Wire {
  readonly #server: Server
  readonly #target: { readonly host: string; readonly port: number }
  readonly #pairs = new Set<readonly [Socket, Socket]>()
  #silent = false
  #refusing = false
  inspect: Inspect = () => 'pass'

  private constructor(target: URL) {
    this.#target = { host: target.hostname, port: Number(target.port) }
    this.#server = createServer((client) => this.#connect(client))
  }

  static async before(url: string): Promise<Wire> {
    const wire = new Wire(new URL(url))
    await new Promise<void>((resolve) => wire.#server.listen(0, '127.0.0.1', resolve))
    return wire
  }

  /** The same address by way of this wire. */
  through(url: string): string {
    const address = this.#server.address()
    const rerouted = new URL(url)
    rerouted.hostname = '127.0.0.1'
    rerouted.port = String(typeof address === 'object' && address ? address.port : 0)
    return rerouted.href
  }

  get connections(): number {
    return this.#pairs.size
  }

  #connect(client: Socket): void {
    if (this.#refusing) {
      client.resetAndDestroy()
      return
    }
    const server = connect(this.#target)
    const pair = [client, server] as const
    this.#pairs.add(pair)
    const end = (): void => {
      this.#pairs.delete(pair)
      client.destroy()
      server.destroy()
    }
    for (const socket of pair) socket.on('error', end).on('close', end).setNoDelay(true)
    client.on('data', (sent) => this.#pass(sent, server, end))
    server.on('data', (sent) => this.#silent || client.write(sent))
  }

  #pass(sent: Buffer, server: Socket, end: () => void): void {
    if (this.#silent) return
    const verdict = this.inspect(sent)
    if (verdict === 'pass') server.write(sent)
    else if (verdict === 'cut-after') server.write(sent, () => end())
    else end()
  }

  /** Every connection breaks, as when a cable is pulled and somebody notices. */
  cut(): void {
    for (const [client, server] of this.#pairs) {
      client.resetAndDestroy()
      server.destroy()
    }
    this.#pairs.clear()
  }

  /** Nothing passes any more and nobody is told; what was under way is lost for good. */
  silence(): void {
    this.#silent = true
  }

  /** New connections are turned away. */
  refuse(): void {
    this.#refusing = true
  }

  /** As new; connections that fell silent are cut. */
  mend(): void {
    if (this.#silent) this.cut()
    this.#silent = false
    this.#refusing = false
    this.inspect = () => 'pass'
  }

  async close(): Promise<void> {
    this.cut()
    await new Promise((resolve) => this.#server.close(resolve))
  }
}
