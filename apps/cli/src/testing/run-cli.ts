import { type Io, runApp } from '@bpf/terminal'
import { app } from '../app'

export interface CliResult {
  readonly code: number
  /** Lines of data. */
  readonly out: readonly string[]
  /** Lines for the reader. */
  readonly notes: readonly string[]
}

/** Runs `bpf ARGS` in this process, as on a pipe: no colours, 100 columns. */
export async function runCli(...args: string[]): Promise<CliResult> {
  const out: string[] = []
  const notes: string[] = []
  const io: Io = {
    out: line => out.push(...line.split('\n')),
    note: line => notes.push(...line.split('\n')),
    write: text => out.push(text),
    stdoutIsTerminal: false,
    stderrIsTerminal: false,
    columns: () => 100,
    style: (_, text) => text,
    resolvePath: path => path,
  }
  return { code: await runApp(app, args, io), out, notes }
}
