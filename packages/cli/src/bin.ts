#!/usr/bin/env node
import { main } from './main.ts'

// The reader of a pipe may stop reading, as `head` does: that is its right, not an error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0)
  throw error
})

// Ctrl-C ends the process at once: databases undo or resume what was not committed, and a handler could not run anyway
// while SQLite is busy in this thread.
process.exitCode = await main(process.argv.slice(2))
