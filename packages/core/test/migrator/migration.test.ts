import { expect, test } from 'vitest'
import { expectedNames } from '../../src/migrator/expected-names.ts'
import { checksumOf, type Migration, splitStatements, withoutComments } from '../../src/migrator/migration.ts'

test('statements are split at the marks, and pieces of comments alone are left out', () => {
  const script =
    '-- first\ncreate table a (id int);\n--> statement-breakpoint\n-- nothing\n--> statement-breakpoint\n  drop table b;\n'
  expect(splitStatements(script)).toEqual(['-- first\ncreate table a (id int);', 'drop table b;'])
})

test('a statement begins after its comments, of both kinds', () => {
  expect(withoutComments(' -- one\n/* two\n */ -- three\nselect 1')).toBe('select 1')
  expect(withoutComments('-- only this')).toBe('')
})

test('the checksum follows the text and not its line ends', () => {
  const text = 'create table a (\n  id int\n)'
  expect(checksumOf([text.replaceAll('\n', '\r\n')])).toBe(checksumOf([text]))
  expect(checksumOf(['create table a (\n  id bigint\n)'])).not.toBe(checksumOf([text]))
  expect(checksumOf([text, text])).not.toBe(checksumOf([text]))
})

function names(...statements: string[]): unknown {
  const up = statements.join('\n--> statement-breakpoint\n')
  const migration: Migration = { version: 1, name: 'one', up, down: '', meta: {} }
  const { tables, indexes, triggers, routines } = expectedNames([migration])
  return { tables: [...tables], indexes: [...indexes], triggers: [...triggers], routines: [...routines] }
}

const NOTHING = { tables: [], indexes: [], triggers: [], routines: [] }

test.each<[string, object]>([
  ['CREATE TABLE `archon_tasks` (id int)', { tables: ['archon_tasks'] }],
  ['create table if not exists "tasks" (id int)', { tables: ['tasks'] }],
  ['CREATE TABLE "public"."tasks" (id int)', { tables: ['tasks'] }],
  ["CREATE VIRTUAL TABLE words USING fts5(content='tasks')", { tables: ['words'] }],
  ['CREATE UNIQUE INDEX `one` ON `tasks` (`id`)', { indexes: [['one', 'tasks']] }],
  [
    'CREATE TABLE `a` (\n  `id` int,\n  key varchar(20),\n  PRIMARY KEY (`id`),\n  INDEX `a_one` (`id`),\n  FULLTEXT INDEX `a_words` (`x`),\n  FOREIGN KEY (`id`) REFERENCES `b` (`id`)\n)',
    {
      tables: ['a'],
      indexes: [
        ['a_one', 'a'],
        ['a_words', 'a'],
      ],
    },
  ],
  ['create index concurrently if not exists one on only public.tasks using gin (x)', { indexes: [['one', 'tasks']] }],
  ['CREATE FULLTEXT INDEX one ON tasks (x)', { indexes: [['one', 'tasks']] }],
  ['create trigger t after update of id, x on tasks begin select 1; end', { triggers: [['t', 'tasks']] }],
  [
    'CREATE OR REPLACE TRIGGER "t" BEFORE UPDATE ON "tasks" FOR EACH ROW EXECUTE FUNCTION f()',
    { triggers: [['t', 'tasks']] },
  ],
  ['-- why\ncreate or replace function f() returns trigger', { routines: ['f'] }],
  ['create procedure p() begin end', { routines: ['p'] }],
  ['CREATE TYPE "public"."mood" AS ENUM(\'glad\')', { routines: ['mood'] }],
  ["insert into notes values ('create table lie (id int)')", {}],
])('what a statement makes: %s', (statement, made) => {
  expect(names(statement)).toEqual({ ...NOTHING, ...made })
})

test('what is dropped is gone, with all that belongs to it', () => {
  const made = [
    'create table a (id int)',
    'create index a_one on a (id)',
    'create index a_two on a (id)',
    'create trigger t after update on a begin select 1; end',
    'create function f() returns int',
  ]
  expect(names(...made, 'drop index if exists a_one', 'drop function f()')).toEqual({
    ...NOTHING,
    tables: ['a'],
    indexes: [['a_two', 'a']],
    triggers: [['t', 'a']],
  })
  expect(names(...made, 'DROP TABLE "a"')).toEqual({ ...NOTHING, routines: ['f'] })
})

test('a renamed table keeps what belongs to it', () => {
  expect(names('create table a (id int)', 'create index one on a (id)', 'alter table a rename to b')).toEqual({
    ...NOTHING,
    tables: ['b'],
    indexes: [['one', 'b']],
  })
})

test('an index that a block makes on some servers is possible, and no more than that', () => {
  const block = `do $$ begin
    execute format('CREATE INDEX IF NOT EXISTS idx_%1$s_near_%2$s ON %1$I USING hnsw (near_%2$s)', tbl, dim);
  end $$`
  const { indexes, possible } = expectedNames([{ version: 1, name: 'one', up: block, down: '', meta: {} }])
  expect([...indexes]).toEqual([])
  const isPossible = (name: string): boolean => possible.some((pattern) => pattern.test(name))
  expect(['idx_tasks_near_384', 'idx_tasks_far_384', 'my_idx_tasks_near_384'].map(isPossible)).toEqual([
    true,
    false,
    false,
  ])
})
