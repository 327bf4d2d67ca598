/** Flags of BPF_MAP_CREATE, and of map access (`BPF_F_*`). */
export const MapFlag = {
  NoPrealloc: 1 << 0,
  NoCommonLru: 1 << 1,
  NumaNode: 1 << 2,
  /** Also for BPF_OBJ_GET and BPF_MAP_GET_FD_BY_ID: access from user space. */
  Rdonly: 1 << 3,
  Wronly: 1 << 4,
  StackBuildId: 1 << 5,
  ZeroSeed: 1 << 6,
  /** Access from programs. */
  RdonlyProg: 1 << 7,
  WronlyProg: 1 << 8,
  Clone: 1 << 9,
  Mmapable: 1 << 10,
  PreserveElems: 1 << 11,
  InnerMap: 1 << 12,
  Link: 1 << 13,
  /** BPF_OBJ_PIN and BPF_OBJ_GET: the path is relative to `pathFd`. */
  PathFd: 1 << 14,
  VtypeBtfObjFd: 1 << 15,
  /** Also of programs and BTF: a token descriptor is passed. */
  TokenFd: 1 << 16,
  SegvOnFault: 1 << 17,
  NoUserConv: 1 << 18,
  RbOverwrite: 1 << 19,
} as const

/** Flags of element updates and look-ups. */
export const ElemFlag = {
  Any: 0,
  /** Fail if the key exists. */
  Noexist: 1,
  /** Fail if it does not. */
  Exist: 2,
  /** Hold the value's spin lock. */
  Lock: 4,
  /** Per-CPU maps: the CPU is in the upper 32 bits. */
  Cpu: 8,
  /** Per-CPU maps: one value for all CPUs. */
  AllCpus: 16,
} as const

/** Flags of BPF_PROG_LOAD. */
export const ProgFlag = {
  StrictAlignment: 1 << 0,
  AnyAlignment: 1 << 1,
  TestRndHi32: 1 << 2,
  TestStateFreq: 1 << 3,
  Sleepable: 1 << 4,
  XdpHasFrags: 1 << 5,
  XdpDevBoundOnly: 1 << 6,
  TestRegInvariants: 1 << 7,
  TokenFd: 1 << 16,
} as const

/** Flags of BPF_PROG_ATTACH and of BPF_LINK_CREATE on hooks that hold several programs. */
export const AttachFlag = {
  AllowOverride: 1 << 0,
  AllowMulti: 1 << 1,
  Replace: 1 << 2,
  Before: 1 << 3,
  After: 1 << 4,
  /** The relative or replaced object is given by id, not by descriptor. */
  Id: 1 << 5,
  Preorder: 1 << 6,
  /** It is a link, not a program. */
  Link: 1 << 13,
} as const

/** Flags of multi-probe links. `PathFd` is for uprobes only. */
export const MultiFlag = { Return: 1 << 0, PathFd: 1 << 1 } as const

export const NetfilterFlag = { IpDefrag: 1 << 0 } as const

export const QueryFlag = { Effective: 1 << 0 } as const

export const TestRunFlag = { OnCpu: 1 << 0, XdpLiveFrames: 1 << 1, SkbChecksumComplete: 1 << 2 } as const

/** BPF_ENABLE_STATS. */
export const StatsType = { RunTime: 0 } as const

/** BPF_PROG_STREAM_READ_BY_FD. */
export const Stream = { Stdout: 1, Stderr: 2 } as const

/** BPF_TASK_FD_QUERY, `enum bpf_task_fd_type`. */
export const FdType = { RawTracepoint: 0, Tracepoint: 1, Kprobe: 2, Kretprobe: 3, Uprobe: 4, Uretprobe: 5 } as const

/** `enum bpf_perf_event_type`, in the info of perf-event links. */
export const PerfLinkType = { Unspec: 0, Uprobe: 1, Uretprobe: 2, Kprobe: 3, Kretprobe: 4, Tracepoint: 5, Event: 6 } as const

/** Verifier and BTF log levels; they add up. */
export const LogLevel = { Basic: 1, Full: 2, Stats: 4, Fixed: 8 } as const

/** BPF_OBJ_NAME_LEN: names hold one byte less. */
export const objNameLen = 16

/** Added to a command to pass `struct bpf_common_attr` beside its attributes. */
export const commonAttrsCommand = 1 << 16
