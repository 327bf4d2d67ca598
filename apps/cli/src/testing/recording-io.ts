import type { Io } from '@bpf/terminal'

/** An Io that keeps what a command prints: without colours, on a terminal of so many columns, or on a pipe. */
export interface RecordingIo {
  readonly io: Io
  /** Lines of data. */
  readonly out: readonly string[]
  /** Lines for the reader. */
  readonly notes: readonly string[]
  /** The data as a file would have it. */
  readonly text: () => string
}

export function recordingIo(terminalColumns?: number): RecordingIo {
  const out: string[] = []
  const notes: string[] = []
  const io: Io = {
    out: line => out.push(...line.split('\n')),
    note: line => notes.push(...line.split('\n')),
    write: data => out.push(typeof data === 'string' ? data : Buffer.from(data).toString()),
    stdoutIsTerminal: terminalColumns !== undefined,
    stderrIsTerminal: terminalColumns !== undefined,
    columns: () => terminalColumns ?? 100,
    style: (_, text) => text,
    resolvePath: path => path,
  }
  return { io, out, notes, text: () => out.map(line => `${line}\n`).join('') }
}
