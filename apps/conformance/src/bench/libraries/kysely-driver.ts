import type { CompiledQuery, DatabaseConnection, Driver, QueryResult } from 'kysely'
import type { RawDriver } from '../drivers/raw.ts'

/** A driver of the benchmark as Kysely wants one, so that both send on the very same connections. */
export function driverOver(raw: RawDriver): Driver {
  const nothing = async (): Promise<void> => {}
  return {
    init: nothing,
    acquireConnection: async () => new Over(raw),
    beginTransaction: (connection) => (connection as Over).begin(),
    commitTransaction: (connection) => (connection as Over).commit(),
    rollbackTransaction: () => Promise.reject(new Error('Nothing is rolled back here.')),
    releaseConnection: nothing,
    destroy: nothing,
  }
}

class Over implements DatabaseConnection {
  readonly #raw: RawDriver
  #run: RawDriver['run']
  #finish: () => void = () => {}
  #ended: Promise<void> = Promise.resolve()

  constructor(raw: RawDriver) {
    this.#raw = raw
    this.#run = raw.run
  }

  async executeQuery<Row>({ sql, parameters, query }: CompiledQuery): Promise<QueryResult<Row>> {
    if (query.kind === 'SelectQueryNode') return { rows: [...(await this.#raw.all(sql, parameters))] as Row[] }
    await this.#run(sql, parameters)
    return { rows: [] }
  }

  async *streamQuery<Row>({ sql, parameters }: CompiledQuery, size: number): AsyncGenerator<QueryResult<Row>> {
    for await (const rows of this.#raw.stream(sql, parameters, size)) yield { rows: rows as Row[] }
  }

  /** The driver's transaction lasts as long as the work that it was given, and that ends with the commit. */
  begin(): Promise<void> {
    return new Promise((begun, failed) => {
      this.#ended = this.#raw.transaction(async (run) => {
        this.#run = run
        begun()
        await new Promise<void>((finish) => {
          this.#finish = finish
        })
      })
      this.#ended.catch(failed)
    })
  }

  async commit(): Promise<void> {
    this.#finish()
    await this.#ended
    this.#run = this.#raw.run
  }
}
