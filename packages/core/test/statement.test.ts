import { expect, test } from 'vitest'
import { firstWord, holdsSeveral, isBracket, isReading } from '../src/statement.ts'

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

test.each([
  ['select 1', true],
  [' /* why */ (select 1) union select 2', true],
  ['select \'delete from a\' as text, "update" from b -- insert', true],
  ['with a as (select 1) select * from a', true],
  ['with a as (select 1) delete from b', false],
  ['with a as (insert into b values (1) returning *) select * from a', false],
  ['select * into b from a', false],
  ['select * from a for update', false],
  ['select * from a for no key update', false],
  ['select * from a for share', false],
  ['select share, updated_at, deleted from a', true],
  ['explain analyze delete from a', false],
  ['values (1)', true],
  ['show tables', true],
  ['pragma table_info(a)', true],
  ['pragma foreign_keys', true],
  ['pragma query_only(0)', false],
  ['pragma foreign_keys = off', false],
  ['pragma journal_mode(delete)', false],
  ['pragma optimize', false],
  ['pragma main.wal_checkpoint', false],
  ['/*! delete from a */', false],
  ['insert into a values (1)', false],
  ['', false],
])('whether %j only reads', (text, reads) => {
  expect(isReading(text)).toBe(reads)
})

test.each([
  ['begin', true],
  ['BEGIN immediate', true],
  ['-- why\n/* and */ commit', true],
  ['end', true],
  ['rollback to savepoint a', true],
  ['release a', true],
  ['start transaction', true],
  ['set session autocommit = 0', true],
  ["xa start 'a'", true],
  ['set names utf8mb4', false],
  ['select 1 as begin', false],
  ['beginning', false],
])('whether %j brackets a transaction', (text, brackets) => {
  expect(isBracket(text)).toBe(brackets)
})
