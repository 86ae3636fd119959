import { createHash, createHmac, pbkdf2, randomBytes, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import { DbError } from '@archon-db/core/dialect'
import { coded } from './errors.ts'
import type { Writer } from './requests.ts'

/** What a server may ask for before it lets somebody in, by the numbers of the protocol. */
const STEPS = { done: 0, password: 3, md5: 5, sasl: 10, saslGoOn: 11, saslFinal: 12 } as const
const MECHANISM = 'SCRAM-SHA-256'
const SALT_BYTES = 4

const derive = promisify(pbkdf2)

/** Proves to the server that the password is known, and has it prove the same. */
export class Authentication {
  readonly #user: string
  readonly #password: string
  #scram: { readonly nonce: string; signature: Buffer | null; proven: boolean } | null = null

  constructor(user: string, password: string) {
    this.#user = user
    this.#password = password
  }

  /** What to answer to a message; null where there is nothing to say. */
  answer(body: Buffer, writer: Writer): Buffer | Promise<Buffer> | null {
    const step = body.readInt32BE(0)
    const rest = body.subarray(4)
    if (step === STEPS.password) return writer.begin().password(this.#password).take()
    if (step === STEPS.md5)
      return writer
        .begin()
        .password(this.#md5(rest.subarray(0, SALT_BYTES)))
        .take()
    if (step === STEPS.sasl) return this.#begin(rest.toString().split('\0'), writer)
    if (step === STEPS.saslGoOn) return this.#prove(rest.toString(), writer)
    if (step === STEPS.saslFinal) this.#verify(rest.toString())
    else if (step !== STEPS.done) throw unsupported()
    // Who does not know the password can say "done" as well.
    else if (this.#scram?.proven === false) throw mismatch()
    return null
  }

  #md5(salt: Buffer): string {
    const inner = createHash('md5')
      .update(this.#password + this.#user)
      .digest('hex')
    return `md5${createHash('md5').update(inner).update(salt).digest('hex')}`
  }

  #begin(mechanisms: readonly string[], writer: Writer): Buffer {
    if (!mechanisms.includes(MECHANISM)) throw unsupported()
    const nonce = randomBytes(18).toString('base64')
    this.#scram = { nonce, signature: null, proven: false }
    return writer.begin().saslStart(MECHANISM, `n,,n=,r=${nonce}`).take()
  }

  async #prove(challenge: string, writer: Writer): Promise<Buffer> {
    const scram = this.#scram
    const [, nonce = '', salt = '', rounds = ''] = /^r=([^,]*),s=([^,]*),i=(\d+)/.exec(challenge) ?? []
    if (!scram || !nonce.startsWith(scram.nonce)) throw mismatch()
    const salted = await derive(
      this.#password.normalize('NFKC'),
      Buffer.from(salt, 'base64'),
      Number(rounds),
      32,
      'sha256',
    )
    const unproven = `c=biws,r=${nonce}`
    const exchange = `n=,r=${scram.nonce},${challenge},${unproven}`
    const clientKey = hmac(salted, 'Client Key')
    const signature = hmac(createHash('sha256').update(clientKey).digest(), exchange)
    scram.signature = hmac(hmac(salted, 'Server Key'), exchange)
    const proof = clientKey.map((byte, i) => byte ^ (signature[i] as number))
    return writer
      .begin()
      .saslGoOn(`${unproven},p=${Buffer.from(proof).toString('base64')}`)
      .take()
  }

  #verify(text: string): void {
    const scram = this.#scram
    const said = Buffer.from(/^v=([^,]*)/.exec(text)?.[1] ?? '', 'base64')
    if (!scram?.signature || said.length !== scram.signature.length || !timingSafeEqual(said, scram.signature))
      throw mismatch()
    scram.proven = true
  }
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest()
}

function mismatch(): Error {
  return coded('SASL_SIGNATURE_MISMATCH', 'The server did not prove that it knows the password.')
}

function unsupported(): DbError {
  return new DbError(
    'permission_denied',
    'The server asks for a way of signing in other than a password. Let it take scram-sha-256 in pg_hba.conf.',
  )
}
