import { generateKeyPairSync, sign } from 'node:crypto'

/** A certificate that signs itself, made anew for each run: no key has to be kept anywhere. */
export function selfSigned(host: string): { key: string; cert: string } {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const name = sequence(set(sequence(oid(COMMON_NAME), utf8(host))))
  const altName = sequence(oid(ALT_NAME), octets(sequence(der(0x82, Buffer.from(host)))))
  const content = sequence(
    der(0xa0, integer(2)),
    integer(1),
    ECDSA,
    name,
    sequence(time(-1), time(1)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(altName)),
  )
  const signature = sign('sha256', content, privateKey)
  const bytes = sequence(content, ECDSA, der(0x03, Buffer.from([0]), signature))
  const lines = bytes.toString('base64').replace(/.{64}/g, '$&\n')
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
    cert: `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`,
  }
}

function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts)
  const { length } = body
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255]
  return Buffer.concat([Buffer.from([tag, ...size]), body])
}

const sequence = (...parts: readonly Buffer[]): Buffer => der(0x30, ...parts)
const set = (...parts: readonly Buffer[]): Buffer => der(0x31, ...parts)
const octets = (...parts: readonly Buffer[]): Buffer => der(0x04, ...parts)
const integer = (value: number): Buffer => der(0x02, Buffer.from([value]))
const oid = (bytes: readonly number[]): Buffer => der(0x06, Buffer.from(bytes))
const utf8 = (text: string): Buffer => der(0x0c, Buffer.from(text))
const COMMON_NAME = [0x55, 4, 3]
const ALT_NAME = [0x55, 29, 17]
/** ecdsa-with-SHA256 */
const ECDSA = sequence(oid([0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2]))

/** So many days from now. */
function time(days: number): Buffer {
  const text = new Date(Date.now() + days * 86_400_000).toISOString().replace(/[-:T]|\.\d+/g, '')
  return der(0x18, Buffer.from(text))
}
