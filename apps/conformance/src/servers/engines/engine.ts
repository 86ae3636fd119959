import type { ServerKind } from '../kinds.ts'

/** A server program that can be run: from the machine or from unpacked packages. */
export interface Program {
  /** The server's executable. */
  readonly path: string
  /** The folder its packages were unpacked to; a program of the machine itself finds its own files. */
  readonly root?: string
  readonly version: string
}

/** One start of a server: where its data is and how it is reached. */
export interface Launch {
  readonly program: Program
  /** Belongs to the server's user; the server's working folder. */
  readonly folder: string
  readonly port: number
  readonly password: string
  /** The URL of the server that this one stands before. */
  readonly upstream?: string | undefined
}

/** All that differs between the servers that are run natively. */
export interface Engine {
  readonly kind: ServerKind
  /** The server that this one stands before, and that must run first. */
  readonly behind?: ServerKind
  /** How the server is asked to end soon and in good order. */
  readonly stopSignal: NodeJS.Signals
  find(): Promise<Program>
  /** Makes a first data folder in `launch.folder`; undefined when the server keeps no data. */
  readonly initialise?: (launch: Omit<Launch, 'port' | 'upstream'>) => Promise<void>
  /** Arguments of the server. Anything it reads besides is written to `launch.folder` here. */
  arguments(launch: Launch): readonly string[]
  url(launch: Launch): string
  /** Connects once and returns the server's version. */
  ask(url: string): Promise<string>
  /** The folder that the server which answers there keeps its data in. */
  readonly dataFolder?: (url: string) => Promise<string>
}
