/** `enum bpf_link_type`. The comment is the kernel an entry came with. */
export const LinkType = {
  Unspec: 0,
  RawTracepoint: 1, // 5.7
  Tracing: 2, // 5.7
  Cgroup: 3, // 5.7
  Iter: 4, // 5.8
  Netns: 5, // 5.8
  Xdp: 6, // 5.9
  PerfEvent: 7, // 5.15
  KprobeMulti: 8, // 5.18
  StructOps: 9, // 6.4
  Netfilter: 10, // 6.4
  Tcx: 11, // 6.6
  UprobeMulti: 12, // 6.6
  Netkit: 13, // 6.7
  Sockmap: 14, // 6.10
  TracingMulti: 15, // 7.2
} as const
export type LinkType = (typeof LinkType)[keyof typeof LinkType]
