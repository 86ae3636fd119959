import { createInterface } from 'node:readline/promises'
import { UsageError } from './arguments.ts'
import type { Command, Context } from './command.ts'

/** Asks a person at a terminal; anybody else has to have said --yes. */
export async function confirm(context: Context, question: string, command: Command): Promise<boolean> {
  if (context.json || !process.stdin.isTTY || !process.stderr.isTTY) {
    throw new UsageError(`${question} Nobody is there to be asked: add --yes if that is meant.`, command)
  }
  const prompt = createInterface({ input: process.stdin, output: process.stderr })
  try {
    return /^y(?:es)?$/i.test((await prompt.question(`${question} [y/N] `)).trim())
  } finally {
    prompt.close()
  }
}
