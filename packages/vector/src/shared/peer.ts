import { DbError, invalidInput } from '@archon-db/core'

/** Loads a client that users install beside this package, when a store is opened and no sooner. */
export async function loadPeer<Client>(store: string, packages: string, load: () => Promise<Client>): Promise<Client> {
  try {
    return await load()
  } catch (cause) {
    throw new DbError(
      'unsupported',
      `The ${store} store needs what is not installed. Install it: npm install ${packages}`,
      { cause },
    )
  }
}

/** A key that no header can carry would be shown by the error about it. */
export function checkApiKey(apiKey: string, variable: string): void {
  if (typeof apiKey === 'string' && /^[\x21-\x7e]+$/.test(apiKey)) return
  throw invalidInput(`The API key has characters that no key has, such as a space, or none at all. Check ${variable}.`)
}
