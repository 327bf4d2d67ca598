/** `BPF_F_*` of map creation that definitions use (include/uapi/linux/bpf.h). The comment is the kernel an entry came with. */
export const MapFlag = {
  NoPrealloc: 1 << 0, // 4.6
  NoCommonLru: 1 << 1, // 4.10
  NumaNode: 1 << 2, // 4.14
  Rdonly: 1 << 3, // 4.15
  Wronly: 1 << 4, // 4.15
  StackBuildId: 1 << 5, // 4.17
  ZeroSeed: 1 << 6, // 5.0
  /** Programs may only read. */
  RdonlyProg: 1 << 7, // 5.2
  WronlyProg: 1 << 8, // 5.2
  Clone: 1 << 9, // 5.4
  /** User space may map the values. */
  Mmapable: 1 << 10, // 5.5
  PreserveElems: 1 << 11, // 5.10
  InnerMap: 1 << 12, // 5.10
  /** struct_ops: attached by a link instead of by an update. */
  Link: 1 << 13, // 6.4
  /** struct_ops of a module: its BTF descriptor comes along. */
  VtypeBtfObjFd: 1 << 15, // 6.9
  SegvOnFault: 1 << 17, // 6.9
  NoUserConv: 1 << 18, // 6.9
  RbOverwrite: 1 << 19, // 6.19
} as const

/** `BPF_F_*` of program loading that section names imply. */
export const ProgFlag = {
  Sleepable: 1 << 4, // 5.10
  XdpHasFrags: 1 << 5, // 5.18
} as const
