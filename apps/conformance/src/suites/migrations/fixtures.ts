import { type Database, type DataStep, type Migration, sql } from '@archon-db/core'

/** Migrations in words that every database knows, beside those of the product. */

const BREAKPOINT = '\n--> statement-breakpoint\n'

export interface Script {
  readonly up: readonly string[]
  readonly down: readonly string[]
  readonly losesData?: boolean
  readonly step?: DataStep
}

export function migration(version: number, name: string, { up, down, losesData = false, step }: Script): Migration {
  const scripts = { up: up.join(BREAKPOINT), down: down.join(BREAKPOINT) }
  return { version, name, ...scripts, meta: { losesData }, ...(step && { step }) }
}

/** One bird per batch. Notes each visit, so that a batch that ran twice is seen. */
const visitEach: DataStep = {
  async up(db, cursor) {
    const [row] = await db.query(sql`select id from birds where id > ${Number(cursor ?? 0)} order by id limit 1`)
    if (row === undefined) return { cursor: null, rows: 0 }
    const id = Number(row[0])
    await db.run(sql`insert into visits (bird) values (${id})`)
    await db.run(sql`update birds set song = upper(name) where id = ${id}`)
    return { cursor: String(id), rows: 1 }
  },
}

export const birds: Migration = migration(1, 'birds', {
  up: [
    'create table birds (id integer not null primary key, name varchar(50) not null)',
    'create index birds_name on birds (name)',
    "insert into birds (id, name) values (1, 'wren'), (2, 'rook'), (3, 'kite')",
    'create table nests (id integer not null primary key, bird integer not null, foreign key (bird) references birds (id))',
    'insert into nests (id, bird) values (1, 1), (2, 3)',
  ],
  down: ['drop table nests', 'drop table birds'],
  losesData: true,
})

export const songs: Migration = migration(2, 'songs', {
  up: ['alter table birds add column song varchar(50)', 'create table visits (bird integer not null)'],
  down: ['drop table visits', 'alter table birds drop column song'],
  step: visitEach,
})

export const species: Migration = migration(3, 'species', {
  up: ['alter table birds rename column name to species', "update birds set species = 'Wren' where id = 1"],
  down: ["update birds set species = 'wren' where id = 1", 'alter table birds rename column species to name'],
})

export const BIRDS: readonly Migration[] = [birds, songs, species]

/** The same after those of the product, as a later version of it would have them. */
export function after(released: readonly Migration[], more: readonly Migration[] = BIRDS): Migration[] {
  const newest = Math.max(0, ...released.map(({ version }) => version))
  return [...released, ...more.map((one) => ({ ...one, version: newest + one.version }))]
}

export async function rowsOf(db: Database, text: string): Promise<unknown[]> {
  return (await db.execute(sql.raw(text))).rows
}

export async function run(db: Database, text: string): Promise<void> {
  await db.execute(sql.raw(text), { write: true })
}

/** The first of these that the database takes: for what each says in its own way. */
export async function runOne(db: Database, ...texts: readonly string[]): Promise<void> {
  const failures: unknown[] = []
  for (const text of texts) {
    try {
      return await run(db, text)
    } catch (error) {
      failures.push(error)
    }
  }
  throw new AggregateError(failures, `No database says it like this: ${texts.join(' / ')}`)
}
