import { call } from './call'
import { cString } from './layout'
import type { Sys } from './sys'

const MNT_DETACH = 2
export const MountFlag = { Nosuid: 2, Nodev: 4, Noexec: 8, Bind: 4096, Rec: 16384, Private: 1 << 18, Relatime: 1 << 21 } as const

export interface MountOptions {
  /** `bpf`, `tracefs`, `cgroup2`, … */
  readonly type: string
  /** An existing directory. */
  readonly target: string
  /** The type's name unless given. */
  readonly source?: string
  /** `MountFlag`. */
  readonly flags?: number
  /** Options of the file system, `mode=0700`. */
  readonly data?: string
}

/** mount(2). @throws SyscallError EBUSY if it is mounted there already */
export function mount(sys: Sys, { type, target, source = type, flags = 0, data = '' }: MountOptions): void {
  const args = [cString('source', source), cString('target', target), cString('type', type), flags, cString('data', data)]
  call(sys, 'mount', args, { type, target, source, flags, data })
}

/** umount2(2) with MNT_DETACH: gone from the tree at once, from memory when nobody uses it. @throws SyscallError */
export function unmount(sys: Sys, target: string): void {
  call(sys, 'umount2', [cString('target', target), MNT_DETACH], { target })
}
