import type { BtfFacts } from '../btf/list'
import type { CgroupProgram } from '../cgroup/programs'
import type { LinkFacts } from '../link/facts'
import type { MapFacts } from '../map/facts'
import type { NetHook } from '../net/hooks'
import type { PerfFacts } from '../perf/list'
import type { ProgramFacts } from '../prog/facts'

/** Fixed facts for golden files: short and long names, little and much of everything, characters of two columns. */

const alone = { pinned: [], pids: [] }
const node = { pid: 4211, command: 'node' }
const crowded = {
  pinned: ['/sys/fs/bpf/containers/web-frontend-7d4b9c/programs/on_exec', '/sys/fs/bpf/second'],
  pids: [node, { pid: 1, command: 'systemd' }, { pid: 1048576, command: 'network-監視' }],
}

const program: ProgramFacts = {
  id: 7,
  type: 'xdp',
  name: 'drop',
  tag: '3b185187f1855c4c',
  gplCompatible: true,
  loadedAt: '2026-02-03T04:05:06Z',
  uid: 0,
  xlatedBytes: 16,
  jitedBytes: 24,
  memlockBytes: 4096,
  verifiedInsns: 2,
  mapIds: [],
  btfId: 0,
  ifindex: 0,
  runCount: 0n,
  runTimeNs: 0n,
  recursionMisses: 0n,
  orphaned: false,
  metadata: {},
  ...alone,
}

export const programs: readonly ProgramFacts[] = [
  program,
  { ...program, id: 12, type: 'tracepoint', name: 'on_exec', mapIds: [3, 4], btfId: 9, pinned: ['/sys/fs/bpf/mine/programs/on_exec'] },
  { ...program, id: 13, name: '', gplCompatible: false, jitedBytes: 0, memlockBytes: null, uid: 1000, pids: [node] },
  {
    ...program,
    id: 1048577,
    type: 'raw_tracepoint_writable',
    name: 'count_what_every_process_reads_and_writes',
    xlatedBytes: 1_234_568,
    jitedBytes: 987_654,
    mapIds: [101, 102, 103, 104, 105, 106, 107, 108, 109, 110],
    btfId: 88,
    runCount: 1_000_000n,
    runTimeNs: 123_456_789n,
    recursionMisses: 5n,
    metadata: { version: '1.2.3', build: 42n },
    ...crowded,
  },
]

const map: MapFacts = {
  id: 3,
  type: 'hash',
  name: 'counts',
  flags: 0,
  keySize: 4,
  valueSize: 8,
  maxEntries: 1024,
  mapExtra: 0n,
  memlockBytes: 82_176,
  frozen: false,
  btfId: 0,
  ifindex: 0,
  ownerProgType: null,
  ownerJited: null,
  ...alone,
}

export const maps: readonly MapFacts[] = [
  map,
  {
    ...map,
    id: 4,
    type: 'ringbuf',
    name: 'events',
    keySize: 0,
    valueSize: 0,
    maxEntries: 16_777_216,
    memlockBytes: 16_855_328,
    pids: [node],
  },
  { ...map, id: 5, type: 'prog_array', name: '', flags: 0x401, ownerProgType: 'xdp', ownerJited: true, memlockBytes: null },
  {
    ...map,
    id: 1048577,
    type: 'percpu_cgroup_storage',
    name: 'bytes_of_cgroup',
    keySize: 16,
    valueSize: 65_536,
    maxEntries: 4_294_967_295,
    mapExtra: 9n,
    memlockBytes: 4_294_967_296,
    frozen: true,
    btfId: 88,
    ifindex: 2,
    ...crowded,
  },
]

export const links: readonly LinkFacts[] = [
  { id: 1, type: 'xdp', progId: 7, programName: 'drop', where: 'XDP of eth0', ifindex: 2, ...alone },
  {
    id: 2,
    type: 'tracing',
    progId: 8,
    programName: 'on_open',
    where: 'do_sys_openat2',
    attachType: 'trace_fentry',
    targetObjId: 1,
    targetBtfId: 31_337,
    cookie: 7n,
    pinned: [],
    pids: [node],
  },
  {
    id: 1048577,
    type: 'perf_event',
    progId: 1048577,
    programName: 'count_what_every_process_reads_and_writes',
    where: 'uprobe /usr/lib/x86_64-linux-gnu/libcrypto.so.3:0x1234',
    event: 'uprobe',
    path: '/usr/lib/x86_64-linux-gnu/libcrypto.so.3',
    offset: 0x1234,
    refCtrOffset: 0n,
    cookie: 0n,
    ...crowded,
  },
]

export const btfs: readonly BtfFacts[] = [
  { id: 1, size: 6_123_456, kernel: true, name: 'vmlinux', programIds: [], mapIds: [], pids: [] },
  { id: 2, size: 51_234, kernel: true, name: 'nf_conntrack', programIds: [], mapIds: [], pids: [] },
  { id: 88, size: 1_234, kernel: false, name: '', programIds: [12], mapIds: [3, 4], pids: [node] },
  {
    id: 1048577,
    size: 987_654,
    kernel: false,
    name: '',
    programIds: Array.from({ length: 40 }, (_, i) => 1000 + i),
    mapIds: [101, 102, 103],
    pids: crowded.pids,
  },
]

const hook: NetHook = {
  hook: 'xdp',
  interface: 'eth0',
  ifindex: 2,
  programId: 7,
  programName: 'drop',
  linkId: null,
  mode: 'native',
  priority: null,
  filter: null,
  route: null,
}

export const netHooks: readonly NetHook[] = [
  hook,
  { ...hook, hook: 'tcx/ingress', programId: 9, programName: 'classify', linkId: 3, mode: null },
  {
    ...hook,
    hook: 'clsact/egress',
    interface: 'veth1234567890a',
    programId: 10,
    mode: null,
    priority: 49_152,
    filter: 'egress_of_all_containers.o:[tc/egress]',
  },
  { ...hook, hook: 'htb/1:10', programId: 11, programName: 'sort', mode: null, priority: 4, filter: 'sort.o:[tc]' },
  { ...hook, hook: 'action/ingress', programId: 12, programName: 'mark', mode: null, priority: 5, filter: 'mark' },
  { ...hook, hook: 'lwt_xmit', programId: null, programName: null, mode: null, filter: 'tunnel.o:[lwt_xmit]', route: '192.0.2.0/24' },
  { ...hook, hook: 'flow_dissector', interface: null, ifindex: null, programId: null, programName: null, mode: null },
  {
    ...hook,
    hook: 'netfilter/ipv4/postrouting',
    interface: null,
    ifindex: null,
    programId: 1048577,
    programName: 'masquerade_some',
    linkId: 1048577,
    mode: null,
    priority: -100,
  },
]

const inCgroup: CgroupProgram = {
  cgroup: '/sys/fs/cgroup/web',
  attachType: 'cgroup_inet_egress',
  programId: 7,
  programName: 'account',
  linkId: null,
  mode: 'multi',
  attachedTo: null,
}

export const cgroupPrograms: readonly CgroupProgram[] = [
  inCgroup,
  { ...inCgroup, attachType: 'cgroup_device', programId: 8, programName: null, mode: 'override' },
  {
    cgroup: '/sys/fs/cgroup/kubepods.slice/kubepods-burstable.slice/cri-containerd-3b185187f1855c4c.scope',
    attachType: 'cgroup_unix_getpeername',
    programId: 1048577,
    programName: 'only_known_peer',
    linkId: 1048577,
    mode: 'exclusive',
    attachedTo: null,
  },
  {
    ...inCgroup,
    attachType: 'lsm_cgroup',
    programId: 9,
    programName: 'deny',
    linkId: 4,
    attachedTo: { btfObjectId: 1, btfId: 31_337, name: 'bpf_lsm_socket_bind' },
  },
]

export const perfHolders: readonly PerfFacts[] = [
  { pid: 1, command: 'systemd', fd: 7, programId: 7, programName: 'on_exec', point: { kind: 'tracepoint', name: 'sched_process_exec' } },
  {
    pid: 4211,
    command: 'node',
    fd: 30,
    programId: 8,
    programName: null,
    point: { kind: 'kprobe', function: 'do_unlinkat', offset: 0n, address: 0n },
  },
  {
    pid: 1048576,
    command: 'network-監視',
    fd: 1024,
    programId: 1048577,
    programName: 'on_ssl_write_do',
    point: { kind: 'uretprobe', path: '/opt/very/long/prefix/of/an/installation/lib/libcrypto.so.3', offset: 0x123456n },
  },
]
