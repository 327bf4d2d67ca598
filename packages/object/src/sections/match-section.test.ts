import { nameOf } from '@bpf/bytes'
import { describe, expect, it } from 'vitest'
import { AttachType } from '../constants/attach-type'
import { ProgType } from '../constants/prog-type'
import { matchSection, nearSections, tailCallIndexOf } from './match-section'
import { oldSectionRows, sectionRows } from './section-table'

/** section → program type, attach type (`-` = 0), target, other facts. */
const cases = `
  socket                         SocketFilter  -
  sk_reuseport/migrate           SkReuseport   SkReuseportSelectOrMigrate
  sk_reuseport                   SkReuseport   SkReuseportSelect
  kprobe                         Kprobe        -
  kprobe/tcp_connect+0x10        Kprobe        -                       tcp_connect+0x10
  kretprobe/do_unlinkat          Kprobe        -                       do_unlinkat
  uprobe//bin/sh:main            Kprobe        -                       /bin/sh:main
  uprobe.s//bin/sh:main          Kprobe        -                       /bin/sh:main      sleepable
  kprobe.multi/tcp_*             Kprobe        TraceKprobeMulti        tcp_*
  kprobe.session/vfs_*           Kprobe        TraceKprobeSession      vfs_*
  uprobe.multi.s/libc:str*       Kprobe        TraceUprobeMulti        libc:str*         sleepable
  uprobe.session/libc:str*       Kprobe        TraceUprobeSession      libc:str*
  ksyscall/openat                Kprobe        -                       openat
  usdt/libc:setjmp:setjmp        Kprobe        -                       libc:setjmp:setjmp
  usdt.s/libc:setjmp:setjmp      Kprobe        -                       libc:setjmp:setjmp sleepable
  tc/ingress                     SchedCls      TcxIngress
  tcx/egress                     SchedCls      TcxEgress
  tc                             SchedCls      -
  classifier                     SchedCls      -
  action                         SchedAct      -
  netkit/peer                    SchedCls      NetkitPeer
  tp/sched/sched_switch          Tracepoint    -                       sched/sched_switch
  tracepoint.s/syscalls/x        Tracepoint    -                       syscalls/x        sleepable
  tp/                            Tracepoint    -
  raw_tp/sys_enter               RawTracepoint -                       sys_enter
  raw_tracepoint.w/nbd           RawTracepointWritable -               nbd
  tp_btf/sched_switch            Tracing       TraceRawTp              sched_switch
  fentry/vfs_read                Tracing       TraceFentry             vfs_read
  fexit.s/nf:hook                Tracing       TraceFexit              nf:hook           sleepable
  fmod_ret/bpf_modify_return     Tracing       ModifyReturn            bpf_modify_return
  fsession/vfs_read              Tracing       TraceFsession           vfs_read
  fentry.multi/vfs_*             Tracing       TraceFentryMulti        vfs_*
  freplace/get_skb_len           Ext           -                       get_skb_len
  lsm.s/bprm_check_security      Lsm           LsmMac                  bprm_check_security sleepable
  lsm_cgroup/socket_bind         Lsm           LsmCgroup               socket_bind
  iter/task                      Tracing       TraceIter               task
  syscall                        Syscall       -                       -                 sleepable
  xdp                            Xdp           Xdp
  xdp.frags                      Xdp           Xdp                     -                 xdpFrags
  xdp.frags/cpumap               Xdp           XdpCpumap               -                 xdpFrags
  perf_event                     PerfEvent     -
  lwt_seg6local                  LwtSeg6local  -
  sockops                        SockOps       CgroupSockOps
  sk_skb/stream_verdict          SkSkb         SkSkbStreamVerdict
  sk_msg                         SkMsg         SkMsgVerdict
  lirc_mode2                     LircMode2     LircMode2
  flow_dissector                 FlowDissector FlowDissector
  cgroup_skb/egress              CgroupSkb     CgroupInetEgress
  cgroup/sock_release            CgroupSock    CgroupInetSockRelease
  cgroup/connect_unix            CgroupSockAddr CgroupUnixConnect
  cgroup/recvmsg6                CgroupSockAddr CgroupUdp6Recvmsg
  cgroup/setsockopt              CgroupSockopt CgroupSetsockopt
  cgroup/dev                     CgroupDevice  CgroupDevice
  struct_ops.s/init              StructOps     -                       init              sleepable
  sk_lookup                      SkLookup      SkLookup
  netfilter                      Netfilter     Netfilter
  ?fentry/vfs_read               Tracing       TraceFentry             vfs_read
  xdp_fwd                        Xdp           Xdp                     -                 loose
  xdp_devmap/map_prog            Xdp           XdpDevmap               -                 loose
  socket/3                       SocketFilter  -                       -                 loose
  sk_skb1                        SkSkb         -                       -                 loose
  sk_skb/stream_parser1          SkSkb         SkSkbStreamParser       -                 loose
  classifier/test                SchedCls      -                       -                 loose
  action-ko                      SchedAct      -                       -                 loose
  cgroup/sock1                   CgroupSock    CgroupInetSockCreate    -                 loose
  cgroup/getsockopt/child        CgroupSockopt CgroupGetsockopt        -                 loose
`

const parsedCases = cases
  .trim()
  .split('\n')
  .map(line => line.trim().split(/\s+/))

describe('section names', () => {
  it.each(parsedCases)('%s is %s, %s', (section = '', type, attachType, target = '-', fact) => {
    const match = matchSection(section)
    expect(nameOf(ProgType, match?.type ?? -1)).toBe(type)
    expect(match?.expectedAttachType).toBe(AttachType[attachType as keyof typeof AttachType] ?? 0)
    expect(match?.target ?? '-').toBe(target)
    expect(match?.loose).toBe(fact === 'loose')
    expect(match?.flags.has('sleepable')).toBe(fact === 'sleepable')
    expect(match?.flags.has('xdpFrags')).toBe(fact === 'xdpFrags')
    expect(match?.loadFlags).toBe({ sleepable: 1 << 4, xdpFrags: 1 << 5 }[fact ?? ''] ?? 0)
  })

  it.each(['', '?', 'decap', 'kprobes/x', 'tc_ingress', 'tc/ingress2', 'syscall/1', 'fentryx', 'netkit', 'prog'])('%j is none', section => {
    expect(matchSection(section)).toBeUndefined()
  })

  it.each([
    ['kporbe/vfs_read', ['kprobe/vfs_read']],
    ['?tracepoints/sched/sched_switch', ['tracepoint/sched/sched_switch']],
    ['xpd', ['xdp', 'tp']],
    ['tc_ingress', ['tc/ingress', 'tcx/ingress']],
    ['cgroup_skb/ingres', ['cgroup_skb/ingress', 'cgroup_skb/egress']],
    ['my_program', []],
  ])('near %j are %j', (section, near) => {
    expect(nearSections(section)).toEqual(near)
  })

  it('has every pattern of libbpf once', () => {
    const patterns = sectionRows.map(([pattern]) => pattern)
    expect(patterns).toHaveLength(116)
    expect(new Set(patterns).size).toBe(116)
  })

  it('finds each pattern by its own name', () => {
    for (const [pattern] of [...sectionRows, ...oldSectionRows]) expect(matchSection(pattern.replace(/[+]$/, ''))?.pattern).toBe(pattern)
  })

  it('marks as sleepable what says so, and syscall', () => {
    const sleepable = sectionRows.filter(row => row.includes('sleepable')).map(([pattern]) => pattern)
    expect(sleepable.filter(pattern => !pattern.includes('.s+'))).toEqual(['syscall'])
    expect(sectionRows.filter(([pattern]) => pattern.includes('.s+'))).toHaveLength(sleepable.length - 1)
  })
})

describe('tail call index', () => {
  it.each([
    ['socket/3', 3],
    ['kprobe/0', 0],
    ['cgroup_skb/egress/2', 2],
    ['socket', undefined],
    ['kprobe/vfs_read', undefined],
    ['kprobe/x3', undefined],
    ['sk_skb1', undefined],
    ['socket/99999999999999999999', undefined],
  ])('of %s is %s', (section, index) => {
    expect(tailCallIndexOf(section)).toBe(index)
  })
})
