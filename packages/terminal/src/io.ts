import { resolve } from 'node:path'
import { styleText } from 'node:util'
import { stopWhenUnwritable } from './unwritable-output'
import { userDirectory } from './user-directory'

/** The process as commands see it: data to stdout, everything else to stderr. */
export interface Io {
  /** One line of data. */
  readonly out: (line: string) => void
  /** One line for the reader: progress, summaries, warnings. */
  readonly note: (line: string) => void
  /** Without a newline, as it is: live regions, bytes that a program made. */
  readonly write: (text: string | Uint8Array) => void
  readonly stdoutIsTerminal: boolean
  readonly stderrIsTerminal: boolean
  /** Columns of the terminal; 100 when stdout is none, or a terminal that does not say. */
  readonly columns: () => number
  readonly style: (format: Style, text: string) => string
  /** Paths are relative to where the user called, also through `pnpm --filter`. */
  readonly resolvePath: (path: string) => string
}

export type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan'

/** Columns that a line of a table may take: a terminal's; into a pipe goes everything. */
export function roomOf(io: Pick<Io, 'stdoutIsTerminal' | 'columns'>): number {
  return io.stdoutIsTerminal ? io.columns() : Number.POSITIVE_INFINITY
}

export function processIo(): Io {
  const { stdout, stderr, env } = process
  stopWhenUnwritable(process)
  stderr.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
  })
  return {
    out: line => stdout.write(`${line}\n`),
    note: line => stderr.write(`${line}\n`),
    write: data => stdout.write(data),
    stdoutIsTerminal: stdout.isTTY === true,
    stderrIsTerminal: stderr.isTTY === true,
    // A terminal that was never told its size has 0, as under `script` or on a serial line.
    columns: () => stdout.columns || 100,
    style: wantsColour(env, stdout.isTTY === true && stderr.isTTY === true) ? (format, text) => styleText(format, text) : (_, text) => text,
    resolvePath: path => resolve(userDirectory(env, process.cwd()), path),
  }
}

function wantsColour(env: NodeJS.ProcessEnv, terminal: boolean): boolean {
  if (env['NO_COLOR']) return false
  if (env['FORCE_COLOR'] !== undefined) return env['FORCE_COLOR'] !== '0'
  return terminal
}
