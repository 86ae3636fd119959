import { readFileSync } from 'node:fs'
import type { SettingsReader } from './environment.ts'
import type { ConnectOptions, SslConfig } from './types.ts'

/** `encrypted`: this database refuses anything else. */
export function readSslConfig(options: ConnectOptions['ssl'], encrypted: boolean, reader: SettingsReader): SslConfig {
  const given = typeof options === 'object' ? options : {}
  reader.checkNames(given, ['ca', 'verify'], 'ssl.')
  const [name, wanted] =
    options === undefined ? ['DB_SSL_ENABLED', reader.flag('DB_SSL_ENABLED')] : ['ssl', options !== false]
  if (encrypted && wanted === false)
    reader.problem(name!, 'cannot be false here: this database takes encrypted connections only.')
  const ca = wanted === false ? undefined : authorities(given.ca, reader)
  if (wanted === undefined && !encrypted && ca === undefined) return { mode: 'default', verify: true }
  // Supabase signs with an authority of its own, which no system knows: without it, encryption is all there is.
  const verify = given.verify ?? (wanted === true || ca !== undefined)
  return { mode: wanted === false ? 'off' : 'on', verify, ...(ca === undefined ? {} : { ca }) }
}

const PEM = '-----BEGIN '

/** The certificates themselves, or the file that holds them. */
function authorities(option: string | undefined, reader: SettingsReader): string | undefined {
  const [name, value] = option === undefined ? ['DB_SSL_CA_CERT', reader.text('DB_SSL_CA_CERT')] : ['ssl.ca', option]
  if (value === undefined) return undefined
  // Environment files cannot hold line breaks, so they come written as \n.
  const text = value.includes(PEM) ? value.replaceAll('\\n', '\n') : fileText(value)
  if (text === undefined) return reader.problem(name!, 'names a file that cannot be read.')
  return text.includes(`${PEM}CERTIFICATE-----`) ? text : reader.problem(name!, 'holds no certificate in PEM form.')
}

function fileText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}
