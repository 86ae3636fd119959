export { closestName } from './closest.ts'
export { describeConfig, readConfig, secretsIn } from './config.ts'
export type { Environment } from './environment.ts'
export { attachLogging } from './logging.ts'
export { redactUrl } from './redact.ts'
export type {
  Config,
  ConnectOptions,
  DatabaseType,
  LoggingConfig,
  PoolConfig,
  SslConfig,
  VectorConfig,
  VectorStoreConfig,
  VectorStoreName,
} from './types.ts'
