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
export const runCli = (...args: string[]): Promise<CliResult> => runCliOn(undefined, ...args)

/** The same on a terminal of so many columns. */
export async function runCliOn(columns: number | undefined, ...args: string[]): Promise<CliResult> {
  const { io, out, notes } = recordingIo(columns)
  const code = await runApp(app, args, io)
  if ((args.includes('--json') || args.includes('json')) && out.length > 0) expectToMatchSchemaOf(args, out)
  return { code, out, notes }
}
