import { enableStats, type OwnedFd, type ProgInfo, type Sys } from '@bpf/sys'
import type { Files } from '../files'

/** What a program did between two looks at its info. */
export interface ProgramActivity {
  readonly runs: bigint
  /** Nanoseconds in all. */
  readonly runTime: bigint
  /** Nanoseconds a run; 0 without any. */
  readonly averageRunTime: number
  readonly recursionMisses: bigint
}

/** The difference of two infos of one program. */
export function activityBetween(before: ProgInfo, after: ProgInfo): ProgramActivity {
  const runs = after.runCount - before.runCount
  const runTime = after.runTimeNs - before.runTimeNs
  return {
    runs,
    runTime,
    averageRunTime: runs === 0n ? 0 : Number(runTime) / Number(runs),
    recursionMisses: after.recursionMisses - before.recursionMisses,
  }
}

/** Whether programs are being timed and counted, by kernel.bpf_stats_enabled; an open descriptor does not show there. */
export function statsEnabled(files: Files): boolean | undefined {
  const text = files.text('/proc/sys/kernel/bpf_stats_enabled')
  return text === undefined ? undefined : text.trim() !== '0'
}

/** Times and counts programs until it is closed (5.8). Costs each run some 20 ns. @throws SyscallError */
export function startStatistics(sys: Sys): OwnedFd {
  return enableStats(sys)
}
