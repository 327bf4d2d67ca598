import { ExitCode, type Io, toJson } from '@bpf/terminal'

export interface ListOptions {
  readonly json: boolean
  readonly 'bpftool-json': boolean
}

/** The ways in which a listing command shows what it found. */
export interface Listing<T> {
  readonly found: readonly T[]
  /** Whether the user named what is to be shown, rather than asked for all. */
  readonly selected: boolean
  /** As bpftool prints it. */
  readonly bpftool: (item: T) => unknown
  readonly table: (items: readonly T[]) => void
  readonly details: (item: T) => void
  /** What there is none of: `programs`. */
  readonly noun: string
}

/** A table of all, everything about what was named, or JSON. Returns the exit code. */
export function printListing<T>({ found, selected, bpftool, table, details, noun }: Listing<T>, options: ListOptions, io: Io): number {
  if (options['bpftool-json']) {
    const items = found.map(bpftool)
    // bpftool prints an array of all, but what was named by itself when it is one.
    io.out(toJson(selected && items.length === 1 ? items[0] : items))
  } else if (options.json) io.out(toJson(found))
  else if (selected) for (const item of found) details(item)
  else if (found.length > 0) table(found)
  else io.note(`no ${noun}`)
  return ExitCode.Ok
}
