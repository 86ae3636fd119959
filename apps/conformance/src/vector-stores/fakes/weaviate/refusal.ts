/** What gRPC calls the outcome of a call. */
export const STATUS = {
  ok: 0,
  unknown: 2,
  notFound: 5,
  resourceExhausted: 8,
  unimplemented: 12,
  internal: 13,
  unauthenticated: 16,
} as const

export type Status = (typeof STATUS)[keyof typeof STATUS]

/** A request that the service would not take. */
export class Refusal extends Error {
  readonly http: number
  readonly grpc: Status

  constructor(message: string, { http = 422, grpc = STATUS.unknown }: { http?: number; grpc?: Status } = {}) {
    super(message)
    this.http = http
    this.grpc = grpc
  }
}

/** What the service can do and the fake cannot: it is told so rather than answered wrongly. */
export function unknownHere(what: string): Refusal {
  return new Refusal(`The fake of Weaviate does not know ${what}.`, { http: 501, grpc: STATUS.unimplemented })
}
