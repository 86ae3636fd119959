import type { Target } from './targets.ts'

/** What `connect()` takes. Everything can also come from the environment; what stands here wins. */
export interface ConnectOptions {
  /** A connection string, a path, or `:memory:`; see `DATABASE_URL`. */
  readonly url?: string | undefined
  /** Needed only without `url`: which of the environment's servers is meant. */
  readonly type?: DatabaseType | undefined
  /** Of a remote libSQL server. */
  readonly authToken?: string | undefined
  readonly pool?: Partial<PoolConfig> | undefined
  /** True checks the server's certificate against the system's authorities, or against `ca`. */
  readonly ssl?: boolean | { readonly ca?: string | undefined; readonly verify?: boolean | undefined } | undefined
  readonly replicas?: readonly string[] | undefined
  readonly vector?: { readonly enabled?: boolean | undefined; readonly store?: VectorStoreName | undefined } | undefined
  readonly logging?: Partial<LoggingConfig> | undefined
  /** How long a writer waits for another one, also for one in another process, before `lock_timeout`. */
  readonly lockTimeoutMs?: number | undefined
}

export const DATABASE_TYPES = ['sqlite', 'postgresql', 'mysql', 'supabase', 'postgres', 'mariadb'] as const
export type DatabaseType = (typeof DATABASE_TYPES)[number]

export const VECTOR_STORES = ['local', 'chroma', 'weaviate', 'pinecone'] as const
export type VectorStoreName = (typeof VECTOR_STORES)[number]

/** Everything that opening a database needs, checked. Holds secrets: show `describeConfig(config)` instead. */
export interface Config extends Target {
  readonly pool: PoolConfig
  readonly ssl: SslConfig
  readonly replicas: readonly string[]
  readonly vector: VectorConfig
  readonly logging: LoggingConfig
  readonly lockTimeoutMs?: number
  /** What is allowed but probably not meant. */
  readonly warnings: readonly string[]
}

export interface PoolConfig {
  /** Connections that are kept. */
  readonly size: number
  /** Connections beyond `size` while there is much to do. */
  readonly overflow: number
  /** How long a call waits for a free connection before `pool_exhausted`. */
  readonly timeoutMs: number
}

export interface SslConfig {
  /** `default`: as the connection string says. */
  readonly mode: 'default' | 'off' | 'on'
  /** Whether the server must prove who it is. */
  readonly verify: boolean
  /** Certificates of the authorities to trust, in PEM. */
  readonly ca?: string
}

export interface LoggingConfig {
  /** Every statement. */
  readonly queries: boolean
  /** Statements that take at least this long; null logs none. */
  readonly slowQueryMs: number | null
}

export interface VectorConfig {
  readonly enabled: boolean
  /** Null: where the rows are, by whatever the database offers. */
  readonly store: VectorStoreConfig | null
}

export type VectorStoreConfig =
  | { readonly name: 'local' }
  | { readonly name: 'chroma'; readonly url: string; readonly apiKey?: string }
  | { readonly name: 'weaviate'; readonly url: string; readonly grpcUrl?: string; readonly apiKey?: string }
  | { readonly name: 'pinecone'; readonly apiKey: string; readonly index?: string; readonly host?: string }
