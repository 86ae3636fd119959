import { expect, test } from 'vitest'
import { firstWord, holdsSeveral } from '../src/statement.ts'

test.each([
  ['select 1', 'select'],
  ['  \n-- a comment\n/* another; */ (SELECT 1)', 'select'],
  ['-- only a comment', ''],
  [';;', ''],
  ['{', '{'],
])('the first word of %j', (text, word) => {
  expect(firstWord(text)).toBe(word)
})

test.each([
  ['select 1;', false],
  ['select 1; -- done', false],
  ['select \';\' as a, ";" as b, `;` as c -- ;', false],
  ["select 'it''s; fine'", false],
  ['select $$a;b$$, $tag$ ; $$ ; $tag$', false],
  ['/* ; */ select 1 /* ; */', false],
  ['create trigger t after insert on a begin delete from b; delete from c; end', false],
  ['select 1; select 2', true],
  ["select ';'; delete from t", true],
  ['create table t (a); drop table u', true],
])('several statements in %j', (text, several) => {
  expect(holdsSeveral(text)).toBe(several)
})
