/**
 * `node scripts/commonjs-drizzle.ts [FOLDER]`: the last step of a package's build, in FOLDER/dist.
 *
 * A module that does nothing but hand on parts of Drizzle does so through a CommonJS file. Node reads the very long
 * package.json of drizzle-orm anew for every ES module in it, more than three milliseconds each time, and for CommonJS
 * it does not. Docs: docs/adr/0018-drizzle-as-commonjs.md.
 */
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { commonjsOf } from './drizzle-parts.ts'

const dist = join(process.argv[2] ?? '.', 'dist')

for (const file of readdirSync(dist).filter((name) => name.endsWith('.js'))) {
  const parts = commonjsOf(readFileSync(join(dist, file), 'utf8'), file.replace(/\.js$/, '.cjs'))
  if (!parts) continue
  writeFileSync(join(dist, file.replace(/\.js$/, '.cjs')), parts.commonjs)
  writeFileSync(join(dist, file), parts.module)
  rmSync(join(dist, `${file}.map`), { force: true })
}
