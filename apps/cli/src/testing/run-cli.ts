import { runApp } from '@bpf/terminal'
import { app } from '../app'
import { recordingIo } from './recording-io'

export interface CliResult {
  readonly code: number
  /** Lines of data. */
  readonly out: readonly string[]
  /** Lines for the reader. */
  readonly notes: readonly string[]
}

/** Runs `bpf ARGS` in this process, as on a pipe: no colours, 100 columns. */
export async function runCli(...args: string[]): Promise<CliResult> {
  const { io, out, notes } = recordingIo()
  return { code: await runApp(app, args, io), out, notes }
}
