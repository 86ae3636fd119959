import { Writable } from 'node:stream'
import { expect, test } from 'vitest'
import { Turns } from '../checks/turns.ts'

function heard(): { text: string; out: Writable } {
  const all = {
    text: '',
    out: new Writable({
      write(chunk, _encoding, done) {
        all.text += chunk
        done()
      },
    }),
  }
  return all
}

test('the first one is heard at once, the next one when it has ended', () => {
  const all = heard()
  const turns = new Turns(all.out)
  const [first, second, third] = [turns.next(), turns.next(), turns.next()]
  second.write('2')
  first.write('1')
  expect(all.text).toBe('1')
  second.end('2')
  third.write('3')
  first.write('1')
  expect(all.text).toBe('11')
  first.end('1')
  expect(all.text).toBe('111223')
  third.end('3')
  expect(all.text).toBe('1112233')
})

test('one that comes when all others have ended is heard at once', () => {
  const all = heard()
  const turns = new Turns(all.out)
  turns.next().end('1')
  const second = turns.next()
  second.write('2')
  expect(all.text).toBe('12')
  second.end()
})

test('who says nothing keeps nobody', () => {
  const all = heard()
  const turns = new Turns(all.out)
  const [first, second] = [turns.next(), turns.next()]
  second.end('2')
  first.end()
  expect(all.text).toBe('2')
})
