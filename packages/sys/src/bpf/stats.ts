import { BpfCommand } from '../constants/command'
import { StatsType } from '../constants/flags'
import type { OwnedFd } from '../owned-fd'
import type { Sys } from '../sys'
import { enableStats as layout } from './attr-layouts'
import { bpfFd } from './call'

/** BPF_ENABLE_STATS: programs are timed and counted while the descriptor is open (5.8). @throws SyscallError */
export function enableStats(sys: Sys, type: number = StatsType.RunTime): OwnedFd {
  // The type is zero, the only one there is, and zero fields announce no size: name it.
  return bpfFd(sys, BpfCommand.EnableStats, layout, { type }, 'run-time statistics', { reads: ['type'] })
}
