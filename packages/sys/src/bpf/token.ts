import { BpfCommand } from '../constants/command'
import type { Fd, OwnedFd } from '../owned-fd'
import type { Sys } from '../sys'
import { tokenCreate as layout } from './attr-layouts'
import { bpfFd } from './call'

/** BPF_TOKEN_CREATE: rights that a bpf file system delegates into its user namespace (6.9). @throws SyscallError */
export function tokenCreate(sys: Sys, { bpffsFd, flags }: { readonly bpffsFd: Fd; readonly flags?: number }): OwnedFd {
  return bpfFd(sys, BpfCommand.TokenCreate, layout, { bpffsFd, flags }, 'BPF token')
}
