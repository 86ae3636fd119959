import { openDatabase } from '@archon-db/core'
import { sql } from '@archon-db/core/dialect'
import { connectMysql } from '@archon-db/mysql'
import { describe, expect, onTestFinished } from 'vitest'
import { rejects } from '../../src/harness/index.ts'
import { KINDS, testsOn } from './stage.ts'

/** The address with another user, database or parameters. */
function changed(
  address: string,
  changes: Partial<Pick<URL, 'username' | 'password' | 'pathname' | 'search'>>,
): string {
  return Object.assign(new URL(address), changes).href
}

const MIB = 2 ** 20

describe.each(KINDS)('%s', { timeout: 60_000 }, (kind) => {
  const onServer = testsOn(kind)

  onServer('every connection has the same settings, whatever the server is set to', async (stage) => {
    await stage.sql("set global sql_mode = ''")
    await stage.sql("set global time_zone = '+05:00'")
    onTestFinished(async () => {
      await stage.sql('set global sql_mode = default')
      await stage.sql('set global time_zone = default')
    })
    const { db } = await stage.open()
    const names = ['sql_mode', 'time_zone', 'collation_connection', 'character_set_client', 'autocommit']
    const { rows } = await db.execute(sql.raw(`select ${names.map((name) => `@@${name} as ${name}`).join(', ')}`))
    expect(rows[0]).toEqual({
      sql_mode: expect.stringContaining('STRICT_ALL_TABLES'),
      time_zone: '+00:00',
      collation_connection: 'utf8mb4_bin',
      character_set_client: 'utf8mb4',
      autocommit: 1,
    })
    const before = Date.now()
    const { rows: made } = await db.insert<{ created_at: Date }>('archon_prompts', { prompt_name: 'now', prompt: 'x' })
    expect(Math.abs(Number(made[0]?.created_at) - before)).toBeLessThan(60_000)
    await rejects(db.execute(sql`update archon_settings set \`key\` = repeat('x', 300) limit 1`), 'invalid_input')
  })

  onServer('several statements at once, and files of this machine, are refused', async (stage) => {
    const { db } = await stage.open()
    await rejects(db.execute(sql`select 1; select 2`), 'invalid_input')
    const load = sql`load data local infile '/etc/hostname' into table archon_prompts (prompt_name)`
    expect(
      await db.execute(load).then(
        () => 'loaded',
        () => 'refused',
      ),
    ).toBe('refused')
  })

  onServer('a wrong password, user or database is told as what it is, without the password', async (stage) => {
    const address = await stage.address()
    const secret = 'hunter2-secret'
    const wrong = connectMysql({ url: changed(address, { password: secret }) })
    await rejects(wrong, 'permission_denied', { messageExcludes: secret })
    await rejects(connectMysql({ url: changed(address, { pathname: '/nowhere' }) }), 'connection_failed')
    await rejects(connectMysql({ url: changed(address, { search: '?multipleStatements=true' }) }), 'invalid_input', {
      messageIncludes: 'multipleStatements',
    })
    const closed = Object.assign(new URL(address), { port: '1' }).href
    await rejects(connectMysql({ url: closed }), 'connection_failed', { retryable: true })
  })

  onServer('TLS, with and without a look at the certificate', async (stage) => {
    const address = await stage.address()
    const db = await openDatabase(await connectMysql({ url: changed(address, { search: '?ssl-mode=REQUIRED' }) }))
    onTestFinished(() => db.close())
    const { rows } = await db.execute(sql`show session status like 'Ssl_cipher'`)
    expect(String(rows[0]?.Value)).not.toBe('')
    await rejects(connectMysql({ url: changed(address, { search: '?ssl-mode=VERIFY_CA' }) }), 'connection_failed', {
      messageIncludes: 'certificate',
    })
    await rejects(connectMysql({ url: address, ssl: { mode: 'on', verify: true } }), 'connection_failed')
    const plain = await openDatabase(await connectMysql({ url: address }))
    onTestFinished(() => plain.close())
    expect(String((await plain.execute(sql`show session status like 'Ssl_cipher'`)).rows[0]?.Value)).toBe('')
  })

  onServer('a user who may only read is told so', async (stage) => {
    const address = await stage.address()
    const db = await openDatabase(await connectMysql({ url: address }))
    onTestFinished(() => db.close())
    await db.migrate()
    const name = new URL(address).pathname.slice(1)
    await stage.sql(`create user 'reader_${name}'@'%' identified by 'only reads'`)
    await stage.sql(`grant select on ${name}.* to 'reader_${name}'@'%'`)
    const url = changed(address, { username: `reader_${name}`, password: 'only reads' })
    const reader = await openDatabase(await connectMysql({ url }))
    onTestFinished(() => reader.close())
    expect(await reader.count('archon_prompts')).toBe(3)
    await rejects(reader.delete('archon_prompts', { allRows: true, returning: false }), 'permission_denied')
  })

  onServer('a change of the schema in a transaction is refused before it commits what came before', async (stage) => {
    const { db } = await stage.open()
    for (const text of [
      'create table other (n int)',
      ' -- why\n/* and how */ truncate table archon_prompts',
      'START TRANSACTION',
      'set autocommit = 1',
      'lock tables archon_prompts write',
    ]) {
      const work = db.transaction(async (tx) => {
        await tx.insert('archon_prompts', { prompt_name: 'gone', prompt: 'x' })
        await tx.execute(sql.raw(text))
      })
      await rejects(work, 'unsupported')
      expect(await db.count('archon_prompts', { prompt_name: 'gone' })).toBe(0)
    }
    await db.transaction(async (tx) => {
      await tx.execute(sql`create temporary table mine (n int)`)
      await tx.execute(sql`drop temporary table mine`)
    })
  })

  onServer('numbers are given out one after the other, or as far apart as the server is set to', async (stage) => {
    await stage.sql('set global auto_increment_increment = 3')
    onTestFinished(async () => {
      await stage.sql('set global auto_increment_increment = 1')
    })
    const { db } = await stage.open()
    await db.insert('archon_sources', { source_id: 's' })
    const chunks = [1, 2, 3].map((n) => ({ url: 'u', chunk_number: n, content: `chunk ${n}`, source_id: 's' }))
    const { rows } = await db.insert<{ id: number; content: string }>('archon_crawled_pages', chunks)
    expect(rows.map(({ content }) => content)).toEqual(['chunk 1', 'chunk 2', 'chunk 3'])
    expect((rows[1]?.id ?? 0) - (rows[0]?.id ?? 0)).toBe(3)
    expect((await db.select('archon_crawled_pages')).rows).toEqual(rows)
  })

  onServer('what is too large for the server is refused with what to do; rows together are split', async (stage) => {
    await stage.sql(`set global max_allowed_packet = ${2 * MIB}`)
    onTestFinished(async () => {
      await stage.sql(`set global max_allowed_packet = ${128 * MIB}`)
    })
    const { db, connection } = await stage.open()
    const long = db.insert('archon_prompts', { prompt_name: 'long', prompt: 'ü'.repeat(MIB) })
    await rejects(long, 'invalid_input', { messageIncludes: 'max_allowed_packet' })
    expect(connection.pool().busy).toBe(0)
    const rows = Array.from({ length: 60 }, (_, n) => ({ prompt_name: `p${n}`, prompt: '汉'.repeat(60_000) }))
    expect((await db.insert('archon_prompts', rows, { returning: false })).count).toBe(60)
  })

  onServer('values of every kind keep to themselves in a large batch', async (stage) => {
    const { db } = await stage.open()
    const odd = [
      "'",
      '"',
      '\\',
      '?',
      '??',
      "\\'",
      '%_',
      '\n\r\t\u001a',
      '-- x',
      '/* x',
      '😀',
      "\\' or 1=1 --",
      ':a',
      '\u2028',
    ]
    const rows = Array.from({ length: 400 }, (_, n) => ({
      id: `0198c1d2-7a5e-7c3b-9f10-${String(n).padStart(12, '0')}`,
      title: `${odd[n % odd.length]}${n}`,
      description: odd[(n + 3) % odd.length] ?? null,
      pinned: n % 2 === 0,
      docs: [odd[n % odd.length], n, null, { '?': odd[(n + 1) % odd.length] }],
      created_at: new Date(Date.UTC(1000 + n, 1, 28, 23, 59, 59, n)),
    }))
    await db.insert('archon_projects', rows, { returning: false })
    const columns = ['id', 'title', 'description', 'pinned', 'docs', 'created_at']
    expect((await db.select('archon_projects', { columns })).rows).toEqual(rows)
  })

  onServer('similarity in SQL is that of the library', async (stage) => {
    const { db } = await stage.open()
    const embedding = (seed: number): Float32Array =>
      Float32Array.from({ length: 384 }, (_, i) => Math.sin(seed * (i + 1)))
    await db.insert('archon_sources', { source_id: 's' })
    const rows = [1, 2, 3].map((n) => ({
      url: 'u',
      chunk_number: n,
      content: 'x',
      source_id: 's',
      embedding_384: embedding(n),
    }))
    await db.insert('archon_crawled_pages', rows)
    const hits = await db.search('archon_crawled_pages', { embedding: embedding(2.01), exact: true })
    const call = await db.execute(
      sql`call search_vectors('archon_crawled_pages', ${Buffer.from(embedding(2.01).buffer)}, 10, null)`,
    )
    expect(call.rows.map(({ id }) => id)).toEqual(hits.map(({ row }) => row.id))
    for (const [i, { similarity }] of call.rows.entries()) expect(similarity).toBeCloseTo(hits[i]?.similarity ?? 2, 6)
    const none = await db.execute(
      sql`select calculate_cosine_similarity(x'00000000', x'0000803f') as zero, calculate_cosine_similarity(x'00', x'0000803f') as other`,
    )
    expect(none.rows[0]).toEqual({ zero: 0, other: null })
    await rejects(db.execute(sql`call search_vectors('archon_tasks', x'00', 1, null)`), 'invalid_input')
  })
})

describe.each(KINDS)('%s with a binary log', { timeout: 60_000 }, (kind) => {
  const onServer = testsOn(kind, ['--log-bin=log', '--server-id=1'])

  onServer('a user without privileges over it is told what migrations need', async (stage) => {
    const address = await stage.address()
    const name = new URL(address).pathname.slice(1)
    await stage.sql(`create user 'owner'@'%' identified by 'owns'`)
    await stage.sql(`grant all on ${name}.* to 'owner'@'%'`)
    const url = changed(address, { username: 'owner', password: 'owns' })
    const db = await openDatabase(await connectMysql({ url }))
    onTestFinished(() => db.close())
    await rejects(db.migrate(), 'migration_failed', { messageIncludes: 'log_bin_trust_function_creators' })
    await stage.sql('set global log_bin_trust_function_creators = 1')
    await db.migrate()
    await db.insert('archon_prompts', { prompt_name: 'logged', prompt: 'x' })
    await db.update('archon_prompts', { prompt: 'y' }, { where: { prompt_name: 'logged' } })
    expect(await db.count('archon_prompts', { prompt: 'y' })).toBe(1)
  })
})
