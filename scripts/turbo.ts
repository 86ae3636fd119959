/** `node scripts/turbo.ts build typecheck`: tasks of turbo.json, without telemetry, every failure shown. */
import { turbo } from './checks/tools.ts'

process.exitCode = turbo(process.argv.slice(2)).failed > 0 ? 1 : 0
