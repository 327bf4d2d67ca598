import { findHolders, type Holder, holdersOf, listPins } from '@bpf/kernel'
import type { ObjectKind } from '@bpf/sys'
import type { KernelContext } from '../context'
import { type Details, type ListColumn, nothing } from './print'

/** What keeps an object alive, as far as it can be seen. */
export interface Company {
  readonly pinned: readonly string[]
  readonly pids: readonly Holder[]
}

/** Types cannot be pinned. */
type SomeCompany = Pick<Company, 'pids'> & Partial<Company>

/** Looks at every pin and every process once; the result answers for one object after the other. */
export function readCompany({ sys, kernel }: KernelContext, kind: ObjectKind): (id: number) => Company {
  const holders = findHolders(kernel.files)
  const pins = [...listPins(sys, kernel.bpffs())].filter(pin => pin.kind === kind)
  return id => ({
    pinned: pins.filter(pin => pin.id === id).map(pin => pin.path),
    // This process holds what it is looking at.
    pids: holdersOf(holders, kind, id).filter(({ pid }) => pid !== process.pid),
  })
}

/** What a listing says of it: `node 4211, /sys/fs/bpf/mine`. */
export const companyColumn = { title: 'HELD BY', keep: 'items', cell: formatCompany } as const satisfies ListColumn<SomeCompany>

function formatCompany({ pinned = [], pids }: SomeCompany): string {
  return [...pids.map(formatHolder), ...pinned].join(', ') || nothing
}

/** The same, among everything that is said of one. */
export function companyFacts({ pinned = [], pids }: SomeCompany): Details['facts'] {
  return { 'pinned at': pinned, 'held by': pids.map(formatHolder) }
}

function formatHolder({ pid, command }: Holder): string {
  return `${command} ${pid}`
}

/** As bpftool prints it; what is empty is left out there. */
export function bpftoolCompany({ pinned = [], pids }: SomeCompany): Readonly<Record<string, unknown>> {
  return {
    ...(pinned.length > 0 && { pinned }),
    ...(pids.length > 0 && { pids: pids.map(({ pid, command }) => ({ pid, comm: command })) }),
  }
}
