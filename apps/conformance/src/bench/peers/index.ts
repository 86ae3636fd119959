import type { Library } from '../libraries/library.ts'
import type { Work } from '../measure.ts'
import type { Stage } from '../stage.ts'
import { installed } from './install.ts'
import { mikroOrm } from './mikro-orm.ts'
import type { Installed, Peer } from './peer.ts'
import { prisma } from './prisma.ts'
import { typeorm } from './typeorm.ts'

export type { Peer } from './peer.ts'

export const PEERS: readonly Peer[] = [typeorm, mikroOrm, prisma]

type Tell = (text: string) => void

export interface OpenPeer extends Library {
  readonly name: string
}

/** Those that can be had; a peer that cannot is no reason to measure nothing. */
export async function openPeers(peers: readonly Peer[], backend: string, url: string, tell: Tell): Promise<OpenPeer[]> {
  const open: OpenPeer[] = []
  for (const peer of peers) {
    const { name } = peer
    try {
      if (!peer.backends.includes(backend)) throw new Error(`not compared on ${backend}`)
      open.push({ name, ...(await peer.open(await installedOnce(peer, tell), backend, url)) })
    } catch (error) {
      tell(`  ${name}: not run: ${firstLine(error)}`)
    }
  }
  return open
}

const installs = new Map<Peer, Promise<Installed>>()

function installedOnce(peer: Peer, tell: Tell): Promise<Installed> {
  const known = installs.get(peer) ?? installed(peer, tell)
  installs.set(peer, known)
  return known
}

/** The peers' works of a case, each tried once: one that fails is told of and left out. */
export async function peerWorks(
  peers: readonly OpenPeer[],
  stage: Stage,
  name: string,
  tell: Tell,
): Promise<Map<string, Work>> {
  const works = new Map<string, Work>()
  for (const peer of peers) {
    for (const [variant, work] of Object.entries(peer.cases(stage)[name] ?? {})) {
      try {
        await work(0)
        works.set(variant, work)
      } catch (error) {
        tell(`  ${variant}: ${name} not run: ${firstLine(error)}`)
      }
    }
  }
  return works
}

function firstLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error)
  return text.split('\n').find((line) => line.trim() !== '') ?? text
}
