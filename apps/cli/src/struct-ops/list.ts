import type { Io } from '@bpf/terminal'
import { withKernel } from '../context'
import { formatCompany } from '../objects/company'
import { printDetails, printTable } from '../objects/print'
import { type ListOptions, printListing } from '../objects/print-all'
import { onlySelector } from '../selector'
import { isRegistered, openStructOps, type StructOpsFacts, structOpsReader } from './facts'

interface Invocation {
  readonly positionals: readonly string[]
  readonly options: ListOptions
  readonly io: Io
}

/** `bpf struct-ops list [SELECTOR]` */
export function runStructOpsList({ positionals, options, io }: Invocation): Promise<number> {
  const selector = onlySelector(positionals, 'map', io)
  return withKernel(context => {
    const factsOf = structOpsReader(context)
    const found = openStructOps(context, selector).map(opened => {
      using structOps = opened
      return factsOf(structOps)
    })
    const listing = { found, selected: selector !== undefined, bpftool: bpftoolStructOps, noun: 'struct_ops' }
    const print = {
      table: (all: readonly StructOpsFacts[]) => printStructOps(all, io),
      details: (one: StructOpsFacts) => printOne(one, io),
    }
    return printListing({ ...listing, ...print }, options, io)
  })
}

/** As `bpftool -j struct_ops show` prints it. */
function bpftoolStructOps({ id, name, kernelStruct }: StructOpsFacts): unknown {
  return { id, name, kernel_struct_ops: kernelStruct }
}

export function printStructOps(all: readonly StructOpsFacts[], io: Io): void {
  const rows = all.map(one => [String(one.id), one.name, one.kernelStruct, registration(one), formatCompany(one) || '-'])
  printTable(['ID', 'NAME', 'IMPLEMENTS', 'REGISTERED', 'HELD BY'], rows, io)
}

/** `by link 7`, `by its map`, `no`. */
export function registration(facts: StructOpsFacts): string {
  if (!isRegistered(facts)) return 'no'
  return facts.links.length > 0 ? `by link ${facts.links.join(', ')}` : 'by its map'
}

function printOne(one: StructOpsFacts, io: Io): void {
  const pids = one.pids.map(({ pid, command }) => `${command} ${pid}`)
  const facts = {
    implements: one.kernelStruct,
    registered: registration(one),
    state: one.state,
    references: one.references,
    'pinned at': one.pinned,
    'held by': pids,
  }
  printDetails(`struct_ops ${one.id} ${one.name}`, facts, io)
}
