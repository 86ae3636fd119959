import type { IncomingMessage } from 'node:http'
import { LIMITS } from './checks.ts'
import type { FakeIndexes } from './control.ts'
import { type Answer, bodyOf, type FakeIndexData } from './data.ts'
import { Refusal, requireThat } from './refusal.ts'

export interface Routed {
  readonly status: number
  readonly result: Answer
}

/** What a request is answered with. Addresses of indexes are paths below /data. */
export function route(indexes: FakeIndexes, request: IncomingMessage, text: string): Routed {
  const url = new URL(request.url ?? '/', 'http://fake')
  const [, first, second, ...rest] = url.pathname.split('/').map(decodeURIComponent)
  if (first === 'data') {
    const result = routeData(indexes.dataAt(second ?? ''), `${request.method} /${rest.join('/')}`, url, text)
    return { status: 200, result }
  }
  if (first !== 'indexes') throw new Refusal(404, 'Not found')
  const [status, body] = routeControl(indexes, request.method ?? '', second, text)
  return { status, result: { body } }
}

function routeControl(
  indexes: FakeIndexes,
  method: string,
  name: string | undefined,
  text: string,
): readonly [status: number, body: unknown] {
  if (name === undefined) {
    if (method === 'GET') return [200, indexes.list()]
    if (method === 'POST') return [201, indexes.create(bodyOf(text))]
  } else {
    if (method === 'GET') return [200, indexes.describe(name)]
    if (method === 'DELETE') return [202, indexes.delete(name)]
  }
  throw new Refusal(405, `${method} is not allowed here`)
}

function routeData(data: FakeIndexData, what: string, { searchParams }: URL, text: string): Answer {
  const namespace = /^(GET|DELETE) \/namespaces\/(.+)$/s.exec(what)
  if (namespace?.[2]) {
    return namespace[1] === 'GET' ? data.describeNamespace(namespace[2]) : data.deleteNamespace(namespace[2])
  }
  switch (what) {
    case 'POST /vectors/upsert':
      requireThat(
        Buffer.byteLength(text) <= LIMITS.requestBytes,
        `The limit of a request is ${LIMITS.requestBytes} bytes`,
      )
      return data.upsert(bodyOf(text))
    case 'GET /vectors/fetch':
      return data.fetch(searchParams)
    case 'POST /vectors/fetch_by_metadata':
      return data.fetchByMetadata(bodyOf(text))
    case 'GET /vectors/list':
      return data.list(searchParams)
    case 'POST /query':
      return data.query(bodyOf(text))
    case 'POST /vectors/delete':
      return data.delete(bodyOf(text))
    case 'POST /describe_index_stats':
      return data.stats()
    case 'POST /namespaces':
      return data.createNamespace(bodyOf(text))
    case 'GET /namespaces':
      return data.listNamespaces(searchParams)
    default:
      throw new Refusal(501, `${what} is not part of this`)
  }
}
