import { runApp } from '@bpf/terminal'
import { app } from '../app'
import { recordingIo } from './recording-io'
import { expectToMatchSchemaOf } from './schema'

export interface CliResult {
  readonly code: number
  /** Lines of data. */
  readonly out: readonly string[]
  /** Lines for the reader. */
  readonly notes: readonly string[]
}

/** Runs `bpf ARGS` in this process, as on a pipe: no colours, 100 columns. What `--json` prints is held against the schema. */
export async function runCli(...args: string[]): Promise<CliResult> {
  const { io, out, notes } = recordingIo()
  const code = await runApp(app, args, io)
  if ((args.includes('--json') || args.includes('json')) && out.length > 0) expectToMatchSchemaOf(args, out)
  return { code, out, notes }
}
