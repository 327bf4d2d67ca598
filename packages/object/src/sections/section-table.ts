import { AttachType } from '../constants/attach-type'
import { ProgType } from '../constants/prog-type'

/** What a pattern says beyond program and attach type. */
export type SectionFlag =
  /** A generic attach can be made from the section name alone. */
  | 'auto'
  /** What it attaches to is found in the kernel's BTF when it is loaded. */
  | 'attachBtf'
  /** Becomes a uprobe.multi program on kernels that have them. */
  | 'usdt'
  /** BPF_F_SLEEPABLE. */
  | 'sleepable'
  /** BPF_F_XDP_HAS_FRAGS. */
  | 'xdpFrags'
  /** The kernel does not insist on an expected attach type: it is left out where the field is unknown. */
  | 'optionalType'
  /** Also matches as a mere prefix, as loaders did before libbpf 1.0: `xdp_foo`, `classifier/test`. */
  | 'loose'

/**
 * One way to name a program's section. `kprobe+` stands for `kprobe` and `kprobe/anything`, `xdp_devmap/` for
 * `xdp_devmap/anything`; all others are exact.
 */
export type SectionRow = readonly [pattern: string, type: ProgType, expectedAttachType: number, ...flags: SectionFlag[]]

/** The names that libbpf knows; a program in any other section has type 0 until the caller sets one. */
export const sectionRows: readonly SectionRow[] = [
  // Kernel and user functions.
  ['kprobe+', ProgType.Kprobe, 0, 'auto'],
  ['uprobe+', ProgType.Kprobe, 0, 'auto'],
  ['uprobe.s+', ProgType.Kprobe, 0, 'auto', 'sleepable'],
  ['kretprobe+', ProgType.Kprobe, 0, 'auto'],
  ['uretprobe+', ProgType.Kprobe, 0, 'auto'],
  ['uretprobe.s+', ProgType.Kprobe, 0, 'auto', 'sleepable'],
  ['kprobe.multi+', ProgType.Kprobe, AttachType.TraceKprobeMulti, 'auto'],
  ['kretprobe.multi+', ProgType.Kprobe, AttachType.TraceKprobeMulti, 'auto'],
  ['kprobe.session+', ProgType.Kprobe, AttachType.TraceKprobeSession, 'auto'],
  ['uprobe.multi+', ProgType.Kprobe, AttachType.TraceUprobeMulti, 'auto'],
  ['uretprobe.multi+', ProgType.Kprobe, AttachType.TraceUprobeMulti, 'auto'],
  ['uprobe.session+', ProgType.Kprobe, AttachType.TraceUprobeSession, 'auto'],
  ['uprobe.multi.s+', ProgType.Kprobe, AttachType.TraceUprobeMulti, 'auto', 'sleepable'],
  ['uretprobe.multi.s+', ProgType.Kprobe, AttachType.TraceUprobeMulti, 'auto', 'sleepable'],
  ['uprobe.session.s+', ProgType.Kprobe, AttachType.TraceUprobeSession, 'auto', 'sleepable'],
  ['ksyscall+', ProgType.Kprobe, 0, 'auto'],
  ['kretsyscall+', ProgType.Kprobe, 0, 'auto'],
  ['usdt+', ProgType.Kprobe, 0, 'auto', 'usdt'],
  ['usdt.s+', ProgType.Kprobe, 0, 'auto', 'usdt', 'sleepable'],

  // Tracepoints.
  ['tracepoint+', ProgType.Tracepoint, 0, 'auto'],
  ['tp+', ProgType.Tracepoint, 0, 'auto'],
  ['tracepoint.s+', ProgType.Tracepoint, 0, 'auto', 'sleepable'],
  ['tp.s+', ProgType.Tracepoint, 0, 'auto', 'sleepable'],
  ['raw_tracepoint+', ProgType.RawTracepoint, 0, 'auto'],
  ['raw_tp+', ProgType.RawTracepoint, 0, 'auto'],
  ['raw_tracepoint.s+', ProgType.RawTracepoint, 0, 'auto', 'sleepable'],
  ['raw_tp.s+', ProgType.RawTracepoint, 0, 'auto', 'sleepable'],
  ['raw_tracepoint.w+', ProgType.RawTracepointWritable, 0, 'auto'],
  ['raw_tp.w+', ProgType.RawTracepointWritable, 0, 'auto'],
  ['tp_btf+', ProgType.Tracing, AttachType.TraceRawTp, 'auto', 'attachBtf'],
  ['tp_btf.s+', ProgType.Tracing, AttachType.TraceRawTp, 'auto', 'attachBtf', 'sleepable'],

  // Kernel functions and hooks found by BTF.
  ['fentry+', ProgType.Tracing, AttachType.TraceFentry, 'auto', 'attachBtf'],
  ['fmod_ret+', ProgType.Tracing, AttachType.ModifyReturn, 'auto', 'attachBtf'],
  ['fexit+', ProgType.Tracing, AttachType.TraceFexit, 'auto', 'attachBtf'],
  ['fentry.s+', ProgType.Tracing, AttachType.TraceFentry, 'auto', 'attachBtf', 'sleepable'],
  ['fmod_ret.s+', ProgType.Tracing, AttachType.ModifyReturn, 'auto', 'attachBtf', 'sleepable'],
  ['fexit.s+', ProgType.Tracing, AttachType.TraceFexit, 'auto', 'attachBtf', 'sleepable'],
  ['fsession+', ProgType.Tracing, AttachType.TraceFsession, 'auto', 'attachBtf'],
  ['fsession.s+', ProgType.Tracing, AttachType.TraceFsession, 'auto', 'attachBtf', 'sleepable'],
  ['fsession.multi+', ProgType.Tracing, AttachType.TraceFsessionMulti, 'auto'],
  ['fsession.multi.s+', ProgType.Tracing, AttachType.TraceFsessionMulti, 'auto', 'sleepable'],
  ['fentry.multi+', ProgType.Tracing, AttachType.TraceFentryMulti, 'auto'],
  ['fexit.multi+', ProgType.Tracing, AttachType.TraceFexitMulti, 'auto'],
  ['fentry.multi.s+', ProgType.Tracing, AttachType.TraceFentryMulti, 'auto', 'sleepable'],
  ['fexit.multi.s+', ProgType.Tracing, AttachType.TraceFexitMulti, 'auto', 'sleepable'],
  ['freplace+', ProgType.Ext, 0, 'auto', 'attachBtf'],
  ['lsm+', ProgType.Lsm, AttachType.LsmMac, 'auto', 'attachBtf'],
  ['lsm.s+', ProgType.Lsm, AttachType.LsmMac, 'auto', 'attachBtf', 'sleepable'],
  ['lsm_cgroup+', ProgType.Lsm, AttachType.LsmCgroup, 'attachBtf'],
  ['iter+', ProgType.Tracing, AttachType.TraceIter, 'auto', 'attachBtf'],
  ['iter.s+', ProgType.Tracing, AttachType.TraceIter, 'auto', 'attachBtf', 'sleepable'],

  // Network devices and traffic control.
  ['tc/ingress', ProgType.SchedCls, AttachType.TcxIngress],
  ['tc/egress', ProgType.SchedCls, AttachType.TcxEgress],
  ['tcx/ingress', ProgType.SchedCls, AttachType.TcxIngress],
  ['tcx/egress', ProgType.SchedCls, AttachType.TcxEgress],
  ['tc', ProgType.SchedCls, 0],
  ['classifier', ProgType.SchedCls, 0, 'loose'],
  ['action', ProgType.SchedAct, 0, 'loose'],
  ['netkit/primary', ProgType.SchedCls, AttachType.NetkitPrimary],
  ['netkit/peer', ProgType.SchedCls, AttachType.NetkitPeer],
  ['xdp.frags/devmap', ProgType.Xdp, AttachType.XdpDevmap, 'xdpFrags'],
  ['xdp/devmap', ProgType.Xdp, AttachType.XdpDevmap],
  ['xdp.frags/cpumap', ProgType.Xdp, AttachType.XdpCpumap, 'xdpFrags'],
  ['xdp/cpumap', ProgType.Xdp, AttachType.XdpCpumap],
  ['xdp.frags', ProgType.Xdp, AttachType.Xdp, 'xdpFrags'],
  ['xdp', ProgType.Xdp, AttachType.Xdp, 'optionalType', 'loose'],
  ['lwt_in', ProgType.LwtIn, 0, 'loose'],
  ['lwt_out', ProgType.LwtOut, 0, 'loose'],
  ['lwt_xmit', ProgType.LwtXmit, 0, 'loose'],
  ['lwt_seg6local', ProgType.LwtSeg6local, 0, 'loose'],
  ['netfilter', ProgType.Netfilter, AttachType.Netfilter],

  // Sockets.
  ['socket', ProgType.SocketFilter, 0, 'loose'],
  ['sk_reuseport/migrate', ProgType.SkReuseport, AttachType.SkReuseportSelectOrMigrate, 'loose'],
  ['sk_reuseport', ProgType.SkReuseport, AttachType.SkReuseportSelect, 'loose'],
  ['sockops', ProgType.SockOps, AttachType.CgroupSockOps, 'optionalType', 'loose'],
  ['sk_skb/stream_parser', ProgType.SkSkb, AttachType.SkSkbStreamParser, 'optionalType', 'loose'],
  ['sk_skb/stream_verdict', ProgType.SkSkb, AttachType.SkSkbStreamVerdict, 'optionalType', 'loose'],
  ['sk_skb/verdict', ProgType.SkSkb, AttachType.SkSkbVerdict, 'optionalType'],
  ['sk_skb', ProgType.SkSkb, 0, 'loose'],
  ['sk_msg', ProgType.SkMsg, AttachType.SkMsgVerdict, 'optionalType', 'loose'],
  ['flow_dissector', ProgType.FlowDissector, AttachType.FlowDissector, 'optionalType', 'loose'],
  ['sk_lookup', ProgType.SkLookup, AttachType.SkLookup, 'loose'],

  // Cgroups.
  ['cgroup_skb/ingress', ProgType.CgroupSkb, AttachType.CgroupInetIngress, 'optionalType', 'loose'],
  ['cgroup_skb/egress', ProgType.CgroupSkb, AttachType.CgroupInetEgress, 'optionalType', 'loose'],
  ['cgroup/skb', ProgType.CgroupSkb, 0, 'loose'],
  ['cgroup/sock_create', ProgType.CgroupSock, AttachType.CgroupInetSockCreate, 'loose'],
  ['cgroup/sock_release', ProgType.CgroupSock, AttachType.CgroupInetSockRelease, 'loose'],
  ['cgroup/sock', ProgType.CgroupSock, AttachType.CgroupInetSockCreate, 'optionalType', 'loose'],
  ['cgroup/post_bind4', ProgType.CgroupSock, AttachType.CgroupInet4PostBind, 'loose'],
  ['cgroup/post_bind6', ProgType.CgroupSock, AttachType.CgroupInet6PostBind, 'loose'],
  ['cgroup/bind4', ProgType.CgroupSockAddr, AttachType.CgroupInet4Bind, 'loose'],
  ['cgroup/bind6', ProgType.CgroupSockAddr, AttachType.CgroupInet6Bind, 'loose'],
  ['cgroup/connect4', ProgType.CgroupSockAddr, AttachType.CgroupInet4Connect, 'loose'],
  ['cgroup/connect6', ProgType.CgroupSockAddr, AttachType.CgroupInet6Connect, 'loose'],
  ['cgroup/connect_unix', ProgType.CgroupSockAddr, AttachType.CgroupUnixConnect],
  ['cgroup/sendmsg4', ProgType.CgroupSockAddr, AttachType.CgroupUdp4Sendmsg, 'loose'],
  ['cgroup/sendmsg6', ProgType.CgroupSockAddr, AttachType.CgroupUdp6Sendmsg, 'loose'],
  ['cgroup/sendmsg_unix', ProgType.CgroupSockAddr, AttachType.CgroupUnixSendmsg],
  ['cgroup/recvmsg4', ProgType.CgroupSockAddr, AttachType.CgroupUdp4Recvmsg, 'loose'],
  ['cgroup/recvmsg6', ProgType.CgroupSockAddr, AttachType.CgroupUdp6Recvmsg, 'loose'],
  ['cgroup/recvmsg_unix', ProgType.CgroupSockAddr, AttachType.CgroupUnixRecvmsg],
  ['cgroup/getpeername4', ProgType.CgroupSockAddr, AttachType.CgroupInet4Getpeername, 'loose'],
  ['cgroup/getpeername6', ProgType.CgroupSockAddr, AttachType.CgroupInet6Getpeername, 'loose'],
  ['cgroup/getpeername_unix', ProgType.CgroupSockAddr, AttachType.CgroupUnixGetpeername],
  ['cgroup/getsockname4', ProgType.CgroupSockAddr, AttachType.CgroupInet4Getsockname, 'loose'],
  ['cgroup/getsockname6', ProgType.CgroupSockAddr, AttachType.CgroupInet6Getsockname, 'loose'],
  ['cgroup/getsockname_unix', ProgType.CgroupSockAddr, AttachType.CgroupUnixGetsockname],
  ['cgroup/sysctl', ProgType.CgroupSysctl, AttachType.CgroupSysctl, 'loose'],
  ['cgroup/getsockopt', ProgType.CgroupSockopt, AttachType.CgroupGetsockopt, 'loose'],
  ['cgroup/setsockopt', ProgType.CgroupSockopt, AttachType.CgroupSetsockopt, 'loose'],
  ['cgroup/dev', ProgType.CgroupDevice, AttachType.CgroupDevice, 'optionalType', 'loose'],

  // Others.
  ['syscall', ProgType.Syscall, 0, 'sleepable'],
  ['perf_event', ProgType.PerfEvent, 0, 'loose'],
  ['lirc_mode2', ProgType.LircMode2, AttachType.LircMode2, 'optionalType', 'loose'],
  ['struct_ops+', ProgType.StructOps, 0],
  ['struct_ops.s+', ProgType.StructOps, 0, 'sleepable'],
]

/** Spellings that only old loaders knew. */
export const oldSectionRows: readonly SectionRow[] = [
  ['xdp_devmap/', ProgType.Xdp, AttachType.XdpDevmap],
  ['xdp_cpumap/', ProgType.Xdp, AttachType.XdpCpumap],
]
