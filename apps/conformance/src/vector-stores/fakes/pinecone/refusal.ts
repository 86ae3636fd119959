/** An answer that is no success: thrown where a request is found wanting, sent as the plane it came to sends errors. */
export class Refusal extends Error {
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

export function requireThat(holds: boolean, message: string, status = 400): void {
  if (!holds) throw new Refusal(status, message)
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
