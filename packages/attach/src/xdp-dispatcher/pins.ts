import { mkdirSync, rmSync } from 'node:fs'
import { basename, join } from 'node:path'
import { call, openFile } from '@bpf/sys'
import type { AttachContext } from '../context'

/** Where libxdp keeps what dispatchers consist of, below a bpf file system. */
const directory = 'xdp'
const LOCK_EX = 2

/** `/sys/fs/bpf/xdp`, made if it is not there; `LIBXDP_BPFFS` names another file system, as for libxdp. @throws SyscallError */
export function dispatcherDirectory({ kernel }: AttachContext, bpffs = process.env['LIBXDP_BPFFS']): string {
  const path = join(bpffs ?? kernel.ensureBpffs(), directory)
  mkdirSync(path, { recursive: true, mode: 0o700 })
  return path
}

/** Paths of what one dispatcher consists of. */
export interface DispatcherPins {
  readonly directory: string
  program(slot: number): string
  link(slot: number): string
}

export function dispatcherPins(parent: string, ifindex: number, dispatcherId: number): DispatcherPins {
  const own = join(parent, `dispatch-${ifindex}-${dispatcherId}`)
  return { directory: own, program: slot => join(own, `prog${slot}-prog`), link: slot => join(own, `prog${slot}-link`) }
}

/** Runs `action` while no one else, libxdp included, reads or changes the pins. @throws SyscallError */
export function whileLocked<T>({ sys }: AttachContext, parent: string, action: () => T): T {
  using lock = openFile(sys, parent)
  call(sys, 'flock', [lock.fd, LOCK_EX], { fd: lock.fd, operation: 'LOCK_EX' })
  return action()
}

/** Of which dispatcher the pins in a directory are; undefined for any other directory. */
export function dispatcherOfPins(directory: string): number | undefined {
  const id = /^dispatch-\d+-(\d+)$/.exec(basename(directory))?.[1]
  return id === undefined ? undefined : Number(id)
}

export function removePins(directory: string): void {
  rmSync(directory, { recursive: true, force: true })
}
