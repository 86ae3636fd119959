/** `node scripts/check-architecture.ts [folder]`: prints what breaks the rules of scripts/architecture/rules.ts. */
import { join } from 'node:path'
import { checkArchitecture } from './architecture/rules.ts'
import { readWorkspace } from './architecture/workspace.ts'

const root = process.argv[2] ?? join(import.meta.dirname, '..')
const units = readWorkspace(root)
const findings = checkArchitecture(units, root)

for (const { path, line, rule, message } of findings) {
  console.error(`${line === undefined ? path : `${path}:${line}`} [${rule}] ${message}`)
}
const files = units.reduce((sum, unit) => sum + unit.files.length, 0)
console.log(`${files} files in ${units.length} packages read, ${findings.length} findings.`)
process.exitCode = findings.length === 0 && files > 0 ? 0 : 1
