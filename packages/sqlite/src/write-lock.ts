import { DbError } from '@archon-db/core/dialect'

interface Waiter {
  readonly resolve: (release: () => void) => void
  readonly reject: (error: DbError) => void
  timer: NodeJS.Timeout | undefined
}

/**
 * SQLite has one writer. Within this process writers stand in line here, first come, first served, instead of being
 * turned away with SQLITE_BUSY; a wait has an end, so that code waiting for itself is told so.
 */
export class WriteLock {
  #held = false
  #waiters: Waiter[] = []

  get waiting(): number {
    return this.#waiters.length
  }

  get held(): boolean {
    return this.#held
  }

  /** The release, at once; undefined when somebody holds the lock. */
  tryAcquire(): (() => void) | undefined {
    if (this.#held) return undefined
    this.#held = true
    return this.#releaser()
  }

  acquire(timeoutMs: number): Promise<() => void> {
    const release = this.tryAcquire()
    if (release) return Promise.resolve(release)
    return new Promise((resolve, reject) => {
      const waiter: Waiter = { resolve, reject, timer: undefined }
      waiter.timer = setTimeout(() => this.#giveUp(waiter, timeoutMs), timeoutMs)
      this.#waiters.push(waiter)
    })
  }

  #giveUp(waiter: Waiter, timeoutMs: number): void {
    this.#waiters = this.#waiters.filter((other) => other !== waiter)
    waiter.reject(
      new DbError(
        'lock_timeout',
        `Waited ${timeoutMs} ms for another transaction of this process to end. Inside a transaction use its own handle; otherwise make transactions shorter or raise lockTimeoutMs.`,
      ),
    )
  }

  #releaser(): () => void {
    let released = false
    return () => {
      if (released) return
      released = true
      const next = this.#waiters.shift()
      if (!next) {
        this.#held = false
        return
      }
      clearTimeout(next.timer)
      next.resolve(this.#releaser())
    }
  }
}

const locks = new Map<string, { lock: WriteLock; users: number }>()

/** One lock per database file, shared by all connections of this process. */
export function shareLock(path: string): { lock: WriteLock; leave: () => void } {
  const entry = locks.get(path) ?? { lock: new WriteLock(), users: 0 }
  locks.set(path, entry)
  entry.users++
  return {
    lock: entry.lock,
    leave: () => {
      if (--entry.users === 0) locks.delete(path)
    },
  }
}
