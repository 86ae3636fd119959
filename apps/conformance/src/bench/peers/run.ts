import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const execute = promisify(execFile)

/** A program that fails is told of by its own words, in one line. */
export async function run(program: string, args: readonly string[], cwd: string, env = process.env): Promise<void> {
  try {
    await execute(program, args, { cwd, env })
  } catch (error) {
    const { stderr = '', message } = error as Error & { stderr?: string }
    throw new Error(complaint(stderr) || message, { cause: error })
  }
}

/** npm says by code and number first what it then says in words. */
function complaint(stderr: string): string {
  const lines = stderr.split('\n').map((line) => line.replace(/^npm error\s*/, '').trim())
  return lines.find((line) => line !== '' && !/^(code|errno|syscall|npm warn)\b/.test(line)) ?? ''
}
