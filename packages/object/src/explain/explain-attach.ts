import { AttachType } from '../constants/attach-type'
import { ProgType } from '../constants/prog-type'
import type { ProgramSpec } from '../spec'
import type { AttachStep } from './step'

/** How programs of a type are attached. */
interface Way {
  /** `TARGET` stands for what the section names. */
  readonly calls: readonly string[]
  /** An example of what the caller says; undefined when the section says it. */
  readonly needs?: string
}

const perfLink = 'bpf(BPF_LINK_CREATE, {attach_type=BPF_PERF_EVENT}) on it; before Linux 5.15 ioctl(PERF_EVENT_IOC_SET_BPF)'
const linkOn = (target: string, attachType: string, since: string) =>
  `bpf(BPF_LINK_CREATE, {${target}, attach_type=${attachType}}); before Linux ${since} `

const probe = (pmu: string, older: string): Way => ({
  calls: [`perf_event_open() of PMU ${pmu} on TARGET; before Linux 4.17 a line in ${older} of tracefs`, perfLink],
})
const multi = (attachType: string): Way => ({
  calls: [`bpf(BPF_LINK_CREATE, {attach_type=${attachType}}) on every function that TARGET matches`],
})
const btfTracing: Way = {
  calls: [
    'bpf(BPF_LINK_CREATE) on TARGET, which was found in the BTF of the kernel at load time; before Linux 5.19 bpf(BPF_RAW_TRACEPOINT_OPEN)',
  ],
}
const cgroup: Way = {
  calls: [`${linkOn('target_fd=cgroup', 'that of the program', '5.7')}bpf(BPF_PROG_ATTACH)`],
  needs: '/sys/fs/cgroup/web',
}

/** Kprobe programs by the first word of their section. */
const probes: Readonly<Record<string, Way>> = {
  kprobe: probe('kprobe', 'kprobe_events'),
  kretprobe: probe('kprobe', 'kprobe_events'),
  ksyscall: probe('kprobe', 'kprobe_events'),
  kretsyscall: probe('kprobe', 'kprobe_events'),
  uprobe: probe('uprobe', 'uprobe_events'),
  uretprobe: probe('uprobe', 'uprobe_events'),
  'kprobe.multi': multi('BPF_TRACE_KPROBE_MULTI'),
  'kretprobe.multi': multi('BPF_TRACE_KPROBE_MULTI'),
  'kprobe.session': multi('BPF_TRACE_KPROBE_SESSION'),
  'uprobe.multi': multi('BPF_TRACE_UPROBE_MULTI'),
  'uretprobe.multi': multi('BPF_TRACE_UPROBE_MULTI'),
  'uprobe.session': multi('BPF_TRACE_UPROBE_SESSION'),
  usdt: {
    calls: ['note .note.stapsdt of the binary says where probe TARGET is and where its arguments are', 'a uprobe at each of its places'],
  },
}

const ways: Readonly<Record<number, Way>> = {
  [ProgType.Tracepoint]: { calls: ['perf_event_open(PERF_TYPE_TRACEPOINT) with the id of TARGET from tracefs', perfLink] },
  [ProgType.RawTracepoint]: { calls: ['bpf(BPF_RAW_TRACEPOINT_OPEN, {name=TARGET})'] },
  [ProgType.RawTracepointWritable]: { calls: ['bpf(BPF_RAW_TRACEPOINT_OPEN, {name=TARGET})'] },
  [ProgType.Tracing]: btfTracing,
  [ProgType.Lsm]: btfTracing,
  [ProgType.Ext]: { calls: ['bpf(BPF_LINK_CREATE) in the place of function TARGET of a loaded program'] },
  [ProgType.PerfEvent]: { calls: ['perf_event_open() on every CPU', perfLink], needs: 'cpu-clock,frequency=99' },
  [ProgType.Xdp]: {
    calls: [`${linkOn('target_ifindex=interface', 'BPF_XDP', '5.9')}a netlink message (IFLA_XDP)`],
    needs: 'eth0',
  },
  [ProgType.SchedCls]: {
    calls: [`${linkOn('target_ifindex=interface', 'BPF_TCX_INGRESS or _EGRESS', '6.6')}a clsact qdisc and a filter by netlink`],
    needs: 'eth0:ingress',
  },
  [ProgType.CgroupSkb]: cgroup,
  [ProgType.CgroupSock]: cgroup,
  [ProgType.CgroupSockAddr]: cgroup,
  [ProgType.CgroupSockopt]: cgroup,
  [ProgType.CgroupSysctl]: cgroup,
  [ProgType.CgroupDevice]: cgroup,
  [ProgType.SockOps]: cgroup,
  [ProgType.SkLookup]: { calls: ['bpf(BPF_LINK_CREATE, {target_fd=network namespace, attach_type=BPF_SK_LOOKUP})'], needs: 'here' },
  [ProgType.FlowDissector]: {
    calls: ['bpf(BPF_LINK_CREATE, {target_fd=network namespace, attach_type=BPF_FLOW_DISSECTOR})'],
    needs: 'here',
  },
  [ProgType.Netfilter]: { calls: ['bpf(BPF_LINK_CREATE, {attach_type=BPF_NETFILTER})'], needs: 'ipv4:input' },
  [ProgType.SocketFilter]: { calls: ['setsockopt(SO_ATTACH_BPF) on a socket of the caller'] },
  [ProgType.SkReuseport]: { calls: ['setsockopt(SO_ATTACH_REUSEPORT_EBPF) on a socket of the caller'] },
  [ProgType.SkSkb]: { calls: ['bpf(BPF_PROG_ATTACH) or, from Linux 6.10, bpf(BPF_LINK_CREATE) on a sockmap'] },
  [ProgType.SkMsg]: { calls: ['bpf(BPF_PROG_ATTACH) or, from Linux 6.10, bpf(BPF_LINK_CREATE) on a sockmap'] },
  [ProgType.StructOps]: {
    calls: ['bpf(BPF_MAP_UPDATE_ELEM) of the map of its variable registers it, or bpf(BPF_LINK_CREATE) for .struct_ops.link'],
  },
  [ProgType.Syscall]: { calls: ['none: it is run by bpf(BPF_PROG_TEST_RUN)'] },
  [ProgType.LircMode2]: { calls: ['bpf(BPF_PROG_ATTACH) on a device'], needs: '/dev/lirc0' },
}

export function explainAttach(program: ProgramSpec): AttachStep {
  const { name, attachTarget } = program
  const way = wayOf(program)
  const target = way.needs === undefined ? attachTarget : undefined
  const isOpen = target === undefined && way.calls.some(call => call.includes('TARGET'))
  const neededTarget = isOpen ? `--attach ${name}=TARGET` : undefined
  return {
    phase: 'attach',
    kind: 'attach',
    program: name,
    target,
    calls: way.calls.map(call => call.replaceAll('TARGET', target ?? 'a target that the caller names')),
    needs: way.needs === undefined ? neededTarget : `--attach ${name}=${way.needs}`,
  }
}

function wayOf({ type, expectedAttachType, section }: ProgramSpec): Way {
  if (type === ProgType.Kprobe) return probes[firstWord(section)] ?? probe('kprobe', 'kprobe_events')
  if (expectedAttachType === AttachType.LsmCgroup) return cgroup
  if (expectedAttachType === AttachType.TraceIter)
    return { calls: ['bpf(BPF_LINK_CREATE, {attach_type=BPF_TRACE_ITER})', 'bpf(BPF_ITER_CREATE) for each reading'] }
  return ways[type] ?? { calls: ['it depends on what the caller does with it'] }
}

/** `kprobe.multi` of `?kprobe.multi/vfs_*`; `.s` only marks sleepable programs. */
function firstWord(section: string): string {
  return (section.replace(/^\?/, '').split('/')[0] ?? '').replace(/\.s$/, '')
}
