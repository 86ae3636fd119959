const SECRET_PARAMETER = /pass|token|secret|key/i
const HIDDEN = '***'

/** A connection string as it may be shown: without its password and without any parameter that sounds like a secret. */
export function redactUrl(url: string): string {
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(url) || /^(?:file|pglite):/i.test(url)) return withoutSecretParameters(url)
  const parsed = URL.parse(url)
  if (!parsed) return `${url.slice(0, url.indexOf(':'))}://${HIDDEN}`
  if (parsed.password) parsed.password = HIDDEN
  return withoutSecretParameters(parsed.href)
}

function withoutSecretParameters(url: string): string {
  const at = url.indexOf('?')
  if (at < 0) return url
  const shown = url
    .slice(at + 1)
    .split('&')
    .map((pair) => (SECRET_PARAMETER.test(pair.split('=', 1)[0] ?? '') ? `${pair.split('=', 1)[0]}=${HIDDEN}` : pair))
  return `${url.slice(0, at)}?${shown.join('&')}`
}

/** Every secret that a connection string carries, as it stands there and as it is meant. */
export function secretsOf(url: string): string[] {
  const parsed = /:\/\//.test(url) ? URL.parse(url) : null
  if (!parsed) return []
  const parameters = [...parsed.searchParams].filter(([name]) => SECRET_PARAMETER.test(name)).map(([, value]) => value)
  const found = [parsed.password, decoded(parsed.password), ...parameters]
  return [...new Set(found)].filter((secret) => secret !== '')
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
