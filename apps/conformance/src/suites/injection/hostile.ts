import assert from 'node:assert/strict'
import type { DataAccess, Database, DbErrorCode } from '@archon-db/core'
import { rejects } from '../../harness/index.ts'

/** Texts that would do harm as SQL, in one dialect's spelling or another's. */
export const HOSTILE: readonly string[] = [
  "'; drop table archon_prompts; --",
  '"; drop table archon_prompts; --',
  '`; drop table archon_prompts; #',
  "title'; delete from archon_prompts where 'a'='a",
  'title" or "1"="1',
  'title` or 1=1 -- ',
  "x' or '1'='1",
  "\\'; drop table archon_prompts; --",
  '\\"; drop table archon_prompts; --',
  "\\\\'; drop table archon_prompts; --",
  "1); update archon_prompts set prompt = 'stolen'; --",
  "1' union select prompt from archon_prompts --",
  '(select prompt from archon_prompts)',
  'title, (select prompt from archon_prompts limit 1)',
  '/* */ title',
  'title; --',
  '$$; drop table archon_prompts; $$',
  "'||(select prompt from archon_prompts)||'",
  '%27; drop table archon_prompts; --',
  '\u02bc; drop table archon_prompts; --',
  '\u00bf\u0027; drop table archon_prompts; --',
  '${1}',
  '?',
  '$1',
  ':p0',
  '@a := 1',
  'sleep(10)',
  'pg_sleep(10)',
  'title\n; drop table archon_prompts',
  'xp_cmdshell',
]

const SECRET = 'what nobody asked for'

/** Rows that no attempt may read, change or delete. */
export async function guard(db: DataAccess): Promise<void> {
  await db.insert('archon_prompts', { prompt_name: 'guarded', prompt: SECRET })
  await db.insert('archon_tasks', { title: 'task', feature: 'f' })
}

/** Everything is as `guard` left it, and every table answers. */
export async function intact(db: Database): Promise<void> {
  const prompts = await db.select('archon_prompts', { columns: ['prompt_name', 'prompt'] })
  assert.deepEqual(prompts.rows, [{ prompt_name: 'guarded', prompt: SECRET }])
  const tasks = await db.select('archon_tasks', { columns: ['title', 'feature'], where: { title: 'task' } })
  assert.deepEqual(tasks.rows, [{ title: 'task', feature: 'f' }])
  for (const table of db.schema.tables.keys()) assert.equal(typeof (await db.count(table)), 'number')
}

type Attempt = (text: string) => PromiseLike<unknown>

/** Each text is refused by each attempt, before it reaches the database. */
export async function refuseAll(
  attempts: readonly Attempt[],
  code: DbErrorCode | readonly DbErrorCode[],
  texts: readonly string[] = HOSTILE,
): Promise<void> {
  const codes = typeof code === 'string' ? [code] : code
  for (const text of texts) {
    for (const [i, attempt] of attempts.entries()) {
      const expected = codes[Math.min(i, codes.length - 1)] as DbErrorCode
      const error = await rejects(() => attempt(text), expected)
      assert.equal(error.cause, undefined, `${text} came as far as the database: ${error.message}`)
    }
  }
}
