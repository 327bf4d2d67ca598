import type { Selector } from '@bpf/kernel'
import type { ObjectKind } from '@bpf/sys'
import { ExitCode, type Io, toJson } from '@bpf/terminal'
import { type KernelContext, withKernel } from '../context'
import { onlySelector } from '../selector'
import { type Details, type ListColumn, printDetails, printTable } from './print'

export interface ListOptions {
  readonly json: boolean
  readonly 'bpftool-json': boolean
}

export interface ListInvocation {
  readonly positionals: readonly string[]
  readonly options: ListOptions
  readonly io: Io
}

/** How a listing command shows what it found. */
export interface Listing<T> {
  readonly columns: readonly ListColumn<T>[]
  /** All of them as bpftool prints them. */
  readonly bpftool: (items: readonly T[]) => unknown
  /** For the reader when there is none. */
  readonly none: string
}

/** A table, or JSON. Returns the exit code. */
export function printListing<T>({ columns, bpftool, none }: Listing<T>, found: readonly T[], options: ListOptions, io: Io): number {
  if (options['bpftool-json']) io.out(toJson(bpftool(found)))
  else if (options.json) io.out(toJson(found))
  else if (found.length > 0) printTable(columns, found, io)
  else io.note(none)
  return ExitCode.Ok
}

/** A kind of object in the kernel that has ids. */
export interface ObjectListing<T> extends Omit<Listing<T>, 'bpftool'> {
  readonly kind: ObjectKind
  /** Those that a selector stands for, or all there are. @throws BpfError */
  readonly read: (context: KernelContext, selector: Selector | undefined) => readonly T[]
  /** One as bpftool prints it. */
  readonly bpftool: (item: T) => unknown
  readonly details: (item: T) => Details
}

/** `bpf prog list [SELECTOR]`, and of maps, links, BTF: a table of all, or everything about what was named. */
export function runList<T>(listing: ObjectListing<T>, { positionals, options, io }: ListInvocation): Promise<number> {
  const { kind, read, details } = listing
  const selector = onlySelector(positionals, kind, io)
  return withKernel(context => {
    const found = read(context, selector)
    if (selector !== undefined && !options.json && !options['bpftool-json']) {
      for (const item of found) printDetails(details(item), io)
      return ExitCode.Ok
    }
    // bpftool prints an array of all, but what was named by itself when it is one.
    const bpftool = (items: readonly T[]) => {
      const [first, ...others] = items.map(listing.bpftool)
      return selector !== undefined && others.length === 0 ? first : items.map(listing.bpftool)
    }
    return printListing({ ...listing, bpftool }, found, options, io)
  })
}
