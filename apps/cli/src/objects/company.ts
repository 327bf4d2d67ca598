import { findHolders, type Holder, holdersOf, listPins } from '@bpf/kernel'
import type { ObjectKind } from '@bpf/sys'
import type { KernelContext } from '../context'

/** What keeps an object alive, as far as it can be seen. */
export interface Company {
  readonly pinned: readonly string[]
  readonly pids: readonly Holder[]
}

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

/** `node 4211, /sys/fs/bpf/mine` */
export function formatCompany({ pinned, pids }: Company): string {
  return [...pids.map(({ pid, command }) => `${command} ${pid}`), ...pinned].join(', ')
}
