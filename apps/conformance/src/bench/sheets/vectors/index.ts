import { mysql } from '../../../backends/mysql.ts'
import { pg } from '../../../backends/pg.ts'
import { sqlite } from '../../../backends/sqlite.ts'
import type { Backend } from '../../../harness/index.ts'
import { createRandom } from '../../../harness/random.ts'
import { makeVectors } from '../../../suites/recall/vectors.ts'
import type { Sheet } from '../../report.ts'
import type { SheetCase, SheetOptions } from '../index.ts'
import type { Contender } from './contender.ts'
import { rawLibsql, rawPgvector, rawSqliteVec } from './databases.ts'
import { LIMIT, type RaceOptions, race, type Standing } from './race.ts'
import { chromaStore, localStore, SIZES, tableStore } from './stores.ts'

const SEED = 20_240_607
const QUERIES = 100
const COLUMNS = ['index', 'vectors/s', 'p50', 'p95', `recall@${LIMIT}`, 'disk bytes/vector', 'memory bytes/vector']
const NOTE =
  'vectors/s: from the first one sent to the index being whole. Stores are asked through the VectorStore contract, which gives metadata and content with each hit; the raw drivers are asked for ids alone. Memory is that of this process; what servers take in theirs is not in it.'

/** Who finds the nearest how quickly, and how many of them: all on the same vectors, in one process, in turns. */
export const vectors: SheetCase = {
  name: 'vectors',
  async run({ targets, sizes, kinds, who, buildS, log }): Promise<Sheet[]> {
    const sheets: Sheet[] = []
    const contenders = contendersOn(targets).filter(({ name }) => who.some((part) => name.includes(part)))
    for (const { count, dimension } of sizes) {
      for (const distribution of kinds) {
        const title = `Nearest ${LIMIT} of ${count.toLocaleString('en')} × ${dimension}, ${distribution}`
        log(`\n  ${title}`)
        const made = makeVectors(createRandom(SEED), distribution, count + QUERIES, dimension)
        const queries = made.splice(count)
        const options: RaceOptions = { rounds: 5, buildMs: buildS * 1000, log }
        const standings = await race(contenders, { dimension, vectors: made }, queries, options)
        const rows = standings.map((standing) => cells(standing, count))
        for (const row of rows) log(`    ${row.join('  ')}`)
        sheets.push({ title, columns: COLUMNS, rows, note: NOTE })
      }
    }
    return sheets
  },
}

function contendersOn(targets: SheetOptions['targets']): Contender[] {
  const wanted = new Set<Backend>(targets.map(({ backend }) => backend))
  const on = (backend: Backend, ...contenders: Contender[]): Contender[] => (wanted.has(backend) ? contenders : [])
  return [
    localStore('exact'),
    localStore('auto'),
    ...on(sqlite, tableStore(sqlite, 'local index', SIZES.sqlite)),
    ...on(mysql, tableStore(mysql, 'local index', SIZES.mysql)),
    ...on(pg, tableStore(pg, 'pgvector HNSW', SIZES.pg), rawPgvector),
    ...on(sqlite, rawLibsql, rawSqliteVec),
    chromaStore,
  ]
}

function cells({ name, notRun, perSecond, p50, p95, recall, bytes }: Standing, count: number): string[] {
  if (notRun !== undefined) return [name, `not run: ${notRun}`, '', '', '', '', '']
  const each = (total: number | undefined): string =>
    total === undefined ? '' : Math.round(total / count).toLocaleString('en')
  return [
    name,
    Math.round(perSecond ?? 0).toLocaleString('en'),
    `${p50?.toFixed(2)} ms`,
    `${p95?.toFixed(2)} ms`,
    recall?.toFixed(3) ?? '',
    each(bytes?.disk),
    each(bytes?.memory),
  ]
}
