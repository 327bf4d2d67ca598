import { layout } from '../layout'

/** `struct perf_event_attr` (include/uapi/linux/perf_event.h), the version of 136 bytes. */
export const perfEventAttr = layout({
  type: 'u32',
  size: 'u32',
  config: 'u64',
  /** Also `sample_freq`. */
  samplePeriod: 'u64',
  sampleType: 'u64',
  readFormat: 'u64',
  /** The bit field: `perfFlagBits`. */
  flags: 'u64',
  /** Also `wakeup_watermark`. */
  wakeupEvents: 'u32',
  bpType: 'u32',
  /** Also `bp_addr`, `kprobe_func`, `uprobe_path`. */
  config1: 'pointer',
  /** Also `bp_len`, `kprobe_addr`, `probe_offset`. */
  config2: 'u64',
  branchSampleType: 'u64',
  sampleRegsUser: 'u64',
  sampleStackUser: 'u32',
  clockid: 's32',
  sampleRegsIntr: 'u64',
  auxWatermark: 'u32',
  sampleMaxStack: 'u16',
  _reserved2: 'u16',
  auxSampleSize: 'u32',
  auxAction: 'u32',
  sigData: 'u64',
  config3: 'u64',
})

/** Bits of `perfEventAttr.flags`, from the lowest. */
export const perfFlagBits = {
  disabled: 0,
  inherit: 1,
  pinned: 2,
  exclusive: 3,
  excludeUser: 4,
  excludeKernel: 5,
  excludeHv: 6,
  excludeIdle: 7,
  mmap: 8,
  comm: 9,
  freq: 10,
  inheritStat: 11,
  enableOnExec: 12,
  task: 13,
  watermark: 14,
  /** Two bits wide. */
  preciseIp: 15,
  mmapData: 17,
  sampleIdAll: 18,
  excludeHost: 19,
  excludeGuest: 20,
  excludeCallchainKernel: 21,
  excludeCallchainUser: 22,
  mmap2: 23,
  commExec: 24,
  useClockid: 25,
  contextSwitch: 26,
  writeBackward: 27,
  namespaces: 28,
  ksymbol: 29,
  bpfEvent: 30,
  auxOutput: 31,
  cgroup: 32,
  textPoke: 33,
  buildId: 34,
  inheritThread: 35,
  removeOnExec: 36,
  sigtrap: 37,
} as const
export type PerfFlag = keyof typeof perfFlagBits

/** `enum perf_type_id`; dynamic ones are in /sys/bus/event_source/devices/NAME/type. */
export const PerfType = { Hardware: 0, Software: 1, Tracepoint: 2, HwCache: 3, Raw: 4, Breakpoint: 5 } as const

/** `enum perf_hw_id`: `config` with `PerfType.Hardware`. */
export const PerfHardware = {
  CpuCycles: 0,
  Instructions: 1,
  CacheReferences: 2,
  CacheMisses: 3,
  BranchInstructions: 4,
  BranchMisses: 5,
  BusCycles: 6,
  StalledCyclesFrontend: 7,
  StalledCyclesBackend: 8,
  RefCpuCycles: 9,
} as const

/** `enum perf_sw_ids`: `config` with `PerfType.Software`. */
export const PerfSoftware = {
  CpuClock: 0,
  TaskClock: 1,
  PageFaults: 2,
  ContextSwitches: 3,
  CpuMigrations: 4,
  PageFaultsMin: 5,
  PageFaultsMaj: 6,
  AlignmentFaults: 7,
  EmulationFaults: 8,
  Dummy: 9,
  BpfOutput: 10,
  CgroupSwitches: 11,
} as const

/** `enum perf_event_sample_format`, the members that BPF uses. */
export const PerfSample = { Ip: 1 << 0, Tid: 1 << 1, Time: 1 << 2, Callchain: 1 << 5, Cpu: 1 << 7, Period: 1 << 8, Raw: 1 << 10 } as const
