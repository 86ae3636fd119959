import { createHash, createHmac, pbkdf2Sync } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { Client } from '../src/client.ts'
import { toDbError } from '../src/errors.ts'
import type { DriverSsl } from '../src/ssl.ts'
import { selfSigned } from './certificate.ts'
import { done, int32, type Peer, ready, said, served, WELCOME } from './fake-server.ts'

const asks = (kind: number, ...rest: readonly (string | Buffer)[]): Buffer => said('R', int32(kind), ...rest)
const hmac = (key: Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest()

interface Attempt {
  readonly ssl?: DriverSsl
  readonly host?: string
  readonly password?: string
}

/** `open`, or the code and the cause's code of what it failed with. */
function attempt(script: (peer: Peer) => Promise<void>, { ssl = false, ...more }: Attempt = {}): Promise<unknown> {
  return served(script, async (address) => {
    const options = { address: { ...address, ...more }, ssl, settings: {}, prepare: true, connectTimeoutMs: 10_000 }
    const client = new Client(options)
    try {
      await client.command('select 1')
      return 'open'
    } catch (error) {
      const { code, cause } = toDbError(error)
      return [code, (cause as { code?: unknown } | undefined)?.code]
    } finally {
      client.destroy()
    }
  })
}

async function letIn(peer: Peer): Promise<void> {
  peer.say(...WELCOME)
  expect(await peer.request('Q')).toEqual(['Qselect 1\0'])
  peer.say(done('SELECT 0'), ready())
}

describe('passwords', () => {
  test('as they are', async () => {
    const outcome = await attempt(async (peer) => {
      await peer.hello()
      peer.say(asks(3))
      expect(await peer.hear()).toEqual({ letter: 'p', body: 'pencil\0' })
      await letIn(peer)
    })
    expect(outcome).toBe('open')
  })

  test('with MD5', async () => {
    const md5 = (text: string | Buffer): string => createHash('md5').update(text).digest('hex')
    const outcome = await attempt(async (peer) => {
      await peer.hello()
      peer.say(asks(5, Buffer.from([1, 2, 3, 255])))
      const expected = md5(Buffer.concat([Buffer.from(md5('pencilsomebody')), Buffer.from([1, 2, 3, 255])]))
      expect(await peer.hear()).toEqual({ letter: 'p', body: `md5${expected}\0` })
      await letIn(peer)
    })
    expect(outcome).toBe('open')
  })

  test('in no other way', async () => {
    const unsupported = ['permission_denied', undefined]
    for (const question of [asks(7), asks(10, 'SCRAM-SHA-512\0\0')]) {
      const outcome = await attempt(async (peer) => {
        await peer.hello()
        peer.say(question)
      })
      expect(outcome).toEqual(unsupported)
    }
  })
})

describe('SCRAM', () => {
  const SALT = Buffer.from('some salt')

  /** The server's side of it, which may tell lies. */
  async function scram(
    peer: Peer,
    password: string,
    lie: { nonce?: string; signature?: string; silent?: true } = {},
  ): Promise<void> {
    await peer.hello()
    peer.say(asks(10, 'SCRAM-SHA-256-PLUS\0SCRAM-SHA-256\0\0'))
    const { body } = await peer.hear()
    const bare = /n=,r=.+$/.exec(body)?.[0] ?? ''
    expect(body).toBe(`SCRAM-SHA-256\0${int32(bare.length + 3).toString('latin1')}n,,${bare}`)
    const nonce = lie.nonce ?? `${bare.slice(5)}and more`
    const challenge = `r=${nonce},s=${SALT.toString('base64')},i=4096`
    peer.say(asks(11, challenge))
    if (lie.nonce !== undefined) return
    const { body: answer } = await peer.hear()
    const salted = pbkdf2Sync(password, SALT, 4096, 32, 'sha256')
    const exchange = `${bare},${challenge},c=biws,r=${nonce}`
    const clientKey = hmac(salted, 'Client Key')
    const stored = createHash('sha256').update(clientKey).digest()
    const proof = Buffer.from(hmac(stored, exchange).map((byte, i) => byte ^ (clientKey[i] as number)))
    expect(answer).toBe(`c=biws,r=${nonce},p=${proof.toString('base64')}`)
    const signature = lie.signature ?? hmac(hmac(salted, 'Server Key'), exchange).toString('base64')
    if (!lie.silent) peer.say(asks(12, `v=${signature}`))
    if (lie.signature === undefined && !lie.silent) await letIn(peer)
    else peer.say(...WELCOME)
  }

  test('proves that both sides know the password', async () => {
    expect(await attempt((peer) => scram(peer, 'pencil'))).toBe('open')
  })

  test('takes characters that look alike for the same', async () => {
    expect(await attempt((peer) => scram(peer, 'fi IX'), { password: 'ﬁ\u00a0Ⅸ' })).toBe('open')
  })

  test.each([
    ['another nonce', { nonce: 'mine' }],
    ['a wrong signature', { signature: Buffer.alloc(32).toString('base64') }],
    ['no signature to speak of', { signature: '' }],
    ['nothing', { silent: true as const }],
  ])('turns away a server that proves itself with %s', async (_, lie) => {
    const outcome = await attempt((peer) => scram(peer, 'pencil', lie))
    expect(outcome).toEqual(['permission_denied', 'SASL_SIGNATURE_MISMATCH'])
  })
})

describe('encryption', () => {
  const { key, cert } = selfSigned('localhost')
  const other = selfSigned('elsewhere')
  const WISH = '\x04\xd2\x16\x2f'

  const encrypting =
    (own: { key: string; cert: string }) =>
    async (peer: Peer): Promise<void> => {
      expect(await peer.hello()).toBe(WISH)
      peer.say(Buffer.from('S'))
      peer.encrypt(own.key, own.cert)
      try {
        await peer.hello()
      } catch {
        // The client did not trust the certificate.
        return
      }
      await letIn(peer)
    }

  test.each<[string, Attempt, unknown]>([
    ['whoever it is', { ssl: 'require' }, 'open'],
    ['where possible', { ssl: 'prefer' }, 'open'],
    ['by an authority', { ssl: { rejectUnauthorized: true, ca: cert } }, 'open'],
    ['by no authority', { ssl: 'verify-full' }, ['connection_failed', 'DEPTH_ZERO_SELF_SIGNED_CERT']],
    [
      'by an authority, under another name',
      { ssl: { rejectUnauthorized: true, ca: cert }, host: '127.0.0.1' },
      ['connection_failed', 'ERR_TLS_CERT_ALTNAME_INVALID'],
    ],
    [
      'by another authority',
      { ssl: { rejectUnauthorized: true, ca: other.cert } },
      ['connection_failed', 'DEPTH_ZERO_SELF_SIGNED_CERT'],
    ],
  ])('%s', async (_, how, outcome) => {
    expect(await attempt(encrypting({ key, cert }), how)).toEqual(outcome)
  })

  test('is done without where it is only preferred, and insisted on elsewhere', async () => {
    const plain = async (peer: Peer): Promise<void> => {
      expect(await peer.hello()).toBe(WISH)
      peer.say(Buffer.from('N'))
      try {
        await peer.hello()
      } catch {
        return
      }
      await letIn(peer)
    }
    expect(await attempt(plain, { ssl: 'prefer' })).toBe('open')
    expect(await attempt(plain, { ssl: 'require' })).toEqual(['connection_failed', undefined])
  })

  test('begins before anything else is said', async () => {
    const injecting = async (peer: Peer): Promise<void> => {
      await peer.hello()
      peer.say(Buffer.from('S'), ...WELCOME)
    }
    expect(await attempt(injecting, { ssl: 'require' })).toEqual(['connection_failed', undefined])
  })
})
