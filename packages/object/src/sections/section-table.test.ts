import { nameOf } from '@bpf/bytes'
import { describe, expect, it } from 'vitest'
import { AttachType } from '../constants/attach-type'
import { ProgType } from '../constants/prog-type'
import { type SectionFlag, sectionRows } from './section-table'

/**
 * What libbpf's `section_defs` says, written down a second time and in another order: patterns, program type, expected attach type
 * (`-` = 0), and letters: a attaches by itself, b is looked for in BTF, s sleepable, f XDP fragments, o the attach type is optional,
 * u becomes uprobe.multi. `{a,b}` stands for both.
 */
const libbpf = `
  socket                                  SocketFilter   -
  sk_reuseport                            SkReuseport    SkReuseportSelect
  sk_reuseport/migrate                    SkReuseport    SkReuseportSelectOrMigrate
  {kprobe,kretprobe}+                     Kprobe         -                    a
  {uprobe,uretprobe}+                     Kprobe         -                    a
  {uprobe,uretprobe}.s+                   Kprobe         -                    as
  {kprobe,kretprobe}.multi+               Kprobe         TraceKprobeMulti     a
  kprobe.session+                         Kprobe         TraceKprobeSession   a
  {uprobe,uretprobe}.multi+               Kprobe         TraceUprobeMulti     a
  {uprobe,uretprobe}.multi.s+             Kprobe         TraceUprobeMulti     as
  uprobe.session+                         Kprobe         TraceUprobeSession   a
  uprobe.session.s+                       Kprobe         TraceUprobeSession   as
  {ksyscall,kretsyscall}+                 Kprobe         -                    a
  usdt+                                   Kprobe         -                    au
  usdt.s+                                 Kprobe         -                    aus
  {tc,tcx}/ingress                        SchedCls       TcxIngress
  {tc,tcx}/egress                         SchedCls       TcxEgress
  {tc,classifier}                         SchedCls       -
  action                                  SchedAct       -
  netkit/primary                          SchedCls       NetkitPrimary
  netkit/peer                             SchedCls       NetkitPeer
  {tracepoint,tp}+                        Tracepoint     -                    a
  {tracepoint,tp}.s+                      Tracepoint     -                    as
  {raw_tracepoint,raw_tp}+                RawTracepoint  -                    a
  {raw_tracepoint,raw_tp}.s+              RawTracepoint  -                    as
  {raw_tracepoint,raw_tp}.w+              RawTracepointWritable -             a
  tp_btf+                                 Tracing        TraceRawTp           ab
  tp_btf.s+                               Tracing        TraceRawTp           abs
  fentry+                                 Tracing        TraceFentry          ab
  fentry.s+                               Tracing        TraceFentry          abs
  fexit+                                  Tracing        TraceFexit           ab
  fexit.s+                                Tracing        TraceFexit           abs
  fmod_ret+                               Tracing        ModifyReturn         ab
  fmod_ret.s+                             Tracing        ModifyReturn         abs
  fsession+                               Tracing        TraceFsession        ab
  fsession.s+                             Tracing        TraceFsession        abs
  fentry.multi+                           Tracing        TraceFentryMulti     a
  fentry.multi.s+                         Tracing        TraceFentryMulti     as
  fexit.multi+                            Tracing        TraceFexitMulti      a
  fexit.multi.s+                          Tracing        TraceFexitMulti      as
  fsession.multi+                         Tracing        TraceFsessionMulti   a
  fsession.multi.s+                       Tracing        TraceFsessionMulti   as
  freplace+                               Ext            -                    ab
  lsm+                                    Lsm            LsmMac               ab
  lsm.s+                                  Lsm            LsmMac               abs
  lsm_cgroup+                             Lsm            LsmCgroup            b
  iter+                                   Tracing        TraceIter            ab
  iter.s+                                 Tracing        TraceIter            abs
  syscall                                 Syscall        -                    s
  xdp                                     Xdp            Xdp                  o
  xdp.frags                               Xdp            Xdp                  f
  xdp/devmap                              Xdp            XdpDevmap
  xdp.frags/devmap                        Xdp            XdpDevmap            f
  xdp/cpumap                              Xdp            XdpCpumap
  xdp.frags/cpumap                        Xdp            XdpCpumap            f
  perf_event                              PerfEvent      -
  lwt_in                                  LwtIn          -
  lwt_out                                 LwtOut         -
  lwt_xmit                                LwtXmit        -
  lwt_seg6local                           LwtSeg6local   -
  sockops                                 SockOps        CgroupSockOps        o
  sk_skb/stream_parser                    SkSkb          SkSkbStreamParser    o
  sk_skb/stream_verdict                   SkSkb          SkSkbStreamVerdict   o
  sk_skb/verdict                          SkSkb          SkSkbVerdict         o
  sk_skb                                  SkSkb          -
  sk_msg                                  SkMsg          SkMsgVerdict         o
  lirc_mode2                              LircMode2      LircMode2            o
  flow_dissector                          FlowDissector  FlowDissector        o
  cgroup_skb/ingress                      CgroupSkb      CgroupInetIngress    o
  cgroup_skb/egress                       CgroupSkb      CgroupInetEgress     o
  cgroup/skb                              CgroupSkb      -
  cgroup/sock_create                      CgroupSock     CgroupInetSockCreate
  cgroup/sock_release                     CgroupSock     CgroupInetSockRelease
  cgroup/sock                             CgroupSock     CgroupInetSockCreate o
  cgroup/post_bind4                       CgroupSock     CgroupInet4PostBind
  cgroup/post_bind6                       CgroupSock     CgroupInet6PostBind
  cgroup/bind4                            CgroupSockAddr CgroupInet4Bind
  cgroup/bind6                            CgroupSockAddr CgroupInet6Bind
  cgroup/connect4                         CgroupSockAddr CgroupInet4Connect
  cgroup/connect6                         CgroupSockAddr CgroupInet6Connect
  cgroup/connect_unix                     CgroupSockAddr CgroupUnixConnect
  cgroup/sendmsg4                         CgroupSockAddr CgroupUdp4Sendmsg
  cgroup/sendmsg6                         CgroupSockAddr CgroupUdp6Sendmsg
  cgroup/sendmsg_unix                     CgroupSockAddr CgroupUnixSendmsg
  cgroup/recvmsg4                         CgroupSockAddr CgroupUdp4Recvmsg
  cgroup/recvmsg6                         CgroupSockAddr CgroupUdp6Recvmsg
  cgroup/recvmsg_unix                     CgroupSockAddr CgroupUnixRecvmsg
  cgroup/getpeername4                     CgroupSockAddr CgroupInet4Getpeername
  cgroup/getpeername6                     CgroupSockAddr CgroupInet6Getpeername
  cgroup/getpeername_unix                 CgroupSockAddr CgroupUnixGetpeername
  cgroup/getsockname4                     CgroupSockAddr CgroupInet4Getsockname
  cgroup/getsockname6                     CgroupSockAddr CgroupInet6Getsockname
  cgroup/getsockname_unix                 CgroupSockAddr CgroupUnixGetsockname
  cgroup/sysctl                           CgroupSysctl   CgroupSysctl
  cgroup/getsockopt                       CgroupSockopt  CgroupGetsockopt
  cgroup/setsockopt                       CgroupSockopt  CgroupSetsockopt
  cgroup/dev                              CgroupDevice   CgroupDevice         o
  struct_ops+                             StructOps      -
  struct_ops.s+                           StructOps      -                    s
  sk_lookup                               SkLookup       SkLookup
  netfilter                               Netfilter      Netfilter
`

/** `loose` is of loaders before libbpf 1.0. */
const letters: Readonly<Record<Exclude<SectionFlag, 'loose'>, string>> = {
  auto: 'a',
  attachBtf: 'b',
  sleepable: 's',
  xdpFrags: 'f',
  optionalType: 'o',
  usdt: 'u',
}

interface Expected {
  readonly type: string | undefined
  readonly attachType: string
  readonly flags: string
}

const inOrder = (flags: string) => [...flags].sort().join('')

const expected = new Map<string, Expected>(
  libbpf
    .trim()
    .split('\n')
    .flatMap(line => {
      const [patterns = '', type, attachType = '-', flags = ''] = line.trim().split(/\s+/)
      return expand(patterns).map((pattern): [string, Expected] => [pattern, { type, attachType, flags: inOrder(flags) }])
    }),
)

/** `{tc,tcx}/ingress` → `tc/ingress`, `tcx/ingress`. */
function expand(patterns: string): string[] {
  const [, alternatives, rest = ''] = /^\{([^}]*)\}(.*)$/.exec(patterns) ?? []
  return alternatives === undefined ? [patterns] : alternatives.split(',').map(word => word + rest)
}

describe('the section table', () => {
  it('has the patterns of libbpf, each once', () => {
    expect(expected.size).toBe(116)
    expect(sectionRows.map(([pattern]) => pattern).toSorted()).toEqual([...expected.keys()].toSorted())
  })

  it.each(sectionRows.map(row => [...row] as const))('%s is what libbpf says', (pattern, type, attachType, ...flags) => {
    const own = flags.map(flag => (flag === 'loose' ? '' : letters[flag])).join('')
    const name = attachType === 0 && expected.get(pattern)?.attachType === '-' ? '-' : nameOf(AttachType, attachType)
    expect({ type: nameOf(ProgType, type), attachType: name, flags: inOrder(own) }).toEqual(expected.get(pattern))
  })
})
