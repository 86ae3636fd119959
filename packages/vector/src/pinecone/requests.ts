import { setTimeout as delay } from 'node:timers/promises'

const RETRIES = 4
const FIRST_WAIT_MS = 250
const LONGEST_WAIT_MS = 10_000

/** Pinecone allows so many requests a second; one that it turned away is sent again a little later. */
export async function patientFetch(input: string | URL | Request, init?: RequestInit): Promise<Response> {
  for (let retry = 0; ; retry++) {
    const response = await fetch(input, init)
    if (response.status !== 429 || retry === RETRIES) return response
    await response.body?.cancel()
    await delay(waitOf(response, retry))
  }
}

function waitOf(response: Response, retry: number): number {
  const seconds = Number(response.headers.get('retry-after') ?? Number.NaN)
  return Math.min(LONGEST_WAIT_MS, Number.isFinite(seconds) ? seconds * 1000 : FIRST_WAIT_MS * 2 ** retry)
}
