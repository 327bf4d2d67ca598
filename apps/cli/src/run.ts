import { processIo, runApp } from '@bpf/terminal'
import { app } from './app'

/** Runs the command that `args` name in this process. Returns the exit code. */
export const run = (args: readonly string[]): Promise<number> => runApp(app, args, processIo())
