/** `enum bpf_prog_type`. The comment is the kernel an entry came with. */
export const ProgType = {
  Unspec: 0,
  SocketFilter: 1, // 3.19
  Kprobe: 2, // 4.1
  SchedCls: 3, // 4.1
  SchedAct: 4, // 4.1
  Tracepoint: 5, // 4.7
  Xdp: 6, // 4.8
  PerfEvent: 7, // 4.9
  CgroupSkb: 8, // 4.10
  CgroupSock: 9, // 4.10
  LwtIn: 10, // 4.10
  LwtOut: 11, // 4.10
  LwtXmit: 12, // 4.10
  SockOps: 13, // 4.13
  SkSkb: 14, // 4.14
  CgroupDevice: 15, // 4.15
  SkMsg: 16, // 4.17
  RawTracepoint: 17, // 4.17
  CgroupSockAddr: 18, // 4.17
  LwtSeg6local: 19, // 4.18
  LircMode2: 20, // 4.18
  SkReuseport: 21, // 4.19
  FlowDissector: 22, // 4.20
  CgroupSysctl: 23, // 5.2
  RawTracepointWritable: 24, // 5.2
  CgroupSockopt: 25, // 5.3
  Tracing: 26, // 5.5
  StructOps: 27, // 5.6
  Ext: 28, // 5.6
  Lsm: 29, // 5.7
  SkLookup: 30, // 5.9
  Syscall: 31, // 5.14
  Netfilter: 32, // 6.4
} as const
export type ProgType = (typeof ProgType)[keyof typeof ProgType]
