/** As the configuration says it; `default` leaves it to the address. */
export interface SslOptions {
  readonly mode: 'default' | 'off' | 'on'
  /** Whether the server must prove who it is. */
  readonly verify: boolean
  /** Authorities to trust instead of the system's, in PEM. */
  readonly ca?: string
}

/** What is asked of a connection: not to be encrypted, to be where the server can, whoever it is, or only if it proves that. */
export type DriverSsl =
  | false
  | 'require'
  | 'prefer'
  | 'verify-full'
  | { readonly rejectUnauthorized: true; readonly ca?: string }

const BY_ADDRESS: Readonly<Record<string, DriverSsl>> = {
  disable: false,
  allow: false,
  prefer: 'prefer',
  require: 'require',
  'no-verify': 'require',
}

/** The options win over the `sslmode` of the address. Modes that are not known are taken for the strictest. */
export function sslOf(
  sslmode: string | undefined,
  { mode, verify, ca }: SslOptions = { mode: 'default', verify: true },
): DriverSsl {
  if (mode === 'off') return false
  if (mode === 'on') return verify ? { rejectUnauthorized: true, ...(ca === undefined ? {} : { ca }) } : 'require'
  return sslmode === undefined ? false : (BY_ADDRESS[sslmode] ?? 'verify-full')
}
