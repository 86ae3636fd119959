/** Nothing but `export { a, b } from 'drizzle-orm/…'`, comments and empty lines. */
const HANDS_ON = /^export \{([^}]*)\} from '(drizzle-orm\/[^']+)';?$/
const OTHER = /^\s*(?:(?:\/\*|\*|\/\/).*)?$/

interface Parts {
  /** Named one by one, as Node finds the exports of CommonJS by reading. */
  readonly commonjs: string
  readonly module: string
}

/** The two files that hand on what `module` does, or nothing where it does more than that. */
export function commonjsOf(module: string, file: string): Parts | undefined {
  const lines = module.split('\n').filter((line) => !OTHER.test(line))
  const found = lines.map((line) => HANDS_ON.exec(line))
  if (found.length === 0 || found.includes(null)) return undefined
  const parts = found.flatMap((match) => {
    const [, list = '', specifier = ''] = match ?? []
    return list.split(',').map((name) => ({ name: name.trim(), specifier }))
  })
  const commonjs = parts.map(({ name, specifier }) => `exports.${name} = require('${specifier}').${name}\n`)
  return {
    commonjs: `'use strict'\n${commonjs.join('')}`,
    module: `export { ${parts.map(({ name }) => name).join(', ')} } from './${file}'\n`,
  }
}
