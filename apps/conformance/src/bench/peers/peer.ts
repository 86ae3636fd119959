import type { Library } from '../libraries/library.ts'

/** A library to be measured on demand alone: it is no dependency, see docs/adr/0017-benchmark-peers.md. */
export interface Peer {
  readonly name: string
  /** The library's own version; `packages` may hold more, each with its exact version. */
  readonly version: string
  readonly packages: Readonly<Record<string, string>>
  /** What is put beside the packages before they are built. */
  readonly files?: Readonly<Record<string, string>>
  /** What is made of the packages once they are there, in their folder. */
  build?(folder: string): Promise<void>
  /** The databases on which it is compared. */
  readonly backends: readonly string[]
  open(installed: Installed, backend: string, url: string): Promise<Library>
}

export interface Installed {
  readonly folder: string
  /** A package, or a file of the folder, by the name that a module in that folder would import it by. */
  load<Module>(name: string): Promise<Module>
}
