/** `node scripts/turbo.ts build typecheck`: tasks of turbo.json, without telemetry, every failure shown. */
import { turbo } from './checks/tools.ts'

const { failed } = await turbo(process.argv.slice(2))(process.stdout)
process.exitCode = failed > 0 ? 1 : 0
