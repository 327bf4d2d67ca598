import {
  AttachType,
  Errno,
  type Fd,
  type LinkHead,
  type LinkTail,
  LinkType,
  linkCreate,
  MapFlag,
  ProgType,
  progLoad,
  rawTracepointOpen,
  snakeName,
} from '@bpf/sys'
import { assemble, returnZero } from './code'
import { probeMapFlag } from './map-types'
import { errnoOf, judgeFailure, type Probe, type ProbeContext, type Verdict } from './probe'
import { probeProgramType, type TypeOptions } from './program-types'

const nothing = 0xffff_ffff as Fd
const noInterface = 0x7fff_ffff

/** Tries a link that cannot succeed, for want of a target; `yes` are the failures that come after the check for support. */
function tryLink(
  { sys, kernelVersion: kernVersion }: ProbeContext,
  program: { readonly type: number } & TypeOptions,
  link: { readonly head: Omit<LinkHead, 'progFd'>; readonly tail?: LinkTail },
  ...yes: readonly number[]
): Verdict {
  const errno = errnoOf(() => {
    using loaded = progLoad(sys, { insns: assemble(returnZero), license: 'GPL', kernVersion, ...program }).fd
    linkCreate(sys, { progFd: loaded.fd, ...link.head }, link.tail).close()
  })
  return judgeFailure(errno, ...yes)
}

const withoutTarget = (type: number, attachType: number, expectedAttachType?: number): Probe => {
  const program = { type, ...(expectedAttachType === undefined ? {} : { expectedAttachType }) }
  return context => tryLink(context, program, { head: { targetFd: nothing, attachType } }, Errno.EBADF)
}

const onNoInterface = (attachType: number): Probe => {
  const head = { targetIfindex: noInterface, attachType }
  return context => tryLink(context, { type: ProgType.SchedCls, expectedAttachType: attachType }, { head }, Errno.ENODEV)
}

/** 5.15 */
export const perfEventLink: Probe = withoutTarget(ProgType.Tracepoint, AttachType.PerfEvent)

const uprobes: ReadonlySet<number> = new Set([AttachType.TraceUprobeMulti, AttachType.TraceUprobeSession])

/** A symbol that does not exist, a directory that is no binary: found out only where multi-probes are known. */
export function multiLink(context: ProbeContext, attachType: number): Verdict {
  const program = { type: ProgType.Kprobe, expectedAttachType: attachType }
  return uprobes.has(attachType)
    ? tryLink(
        context,
        program,
        { head: { attachType }, tail: { kind: 'uprobeMulti', path: '/', offsets: new BigUint64Array(1) } },
        Errno.EBADF,
      )
    : tryLink(context, program, { head: { attachType }, tail: { kind: 'kprobeMulti', symbols: ['no such symbol'] } }, Errno.ESRCH)
}

const byName =
  (type: number): Probe =>
  ({ enumerator }) =>
    enumerator('bpf_link_type', `BPF_LINK_TYPE_${snakeName(LinkType, type).toUpperCase()}`)

const probes: Readonly<Record<number, Probe>> = {
  [LinkType.Unspec]: () => false,
  [LinkType.RawTracepoint]: ({ sys }) => {
    const errno = errnoOf(() => {
      using program = progLoad(sys, { type: ProgType.RawTracepoint, insns: assemble(returnZero), license: 'GPL' }).fd
      rawTracepointOpen(sys, { progFd: program.fd, name: 'no such tracepoint' }).close()
    })
    return judgeFailure(errno, Errno.ENOENT)
  },
  [LinkType.Tracing]: context => probeProgramType(context, ProgType.Tracing),
  [LinkType.Cgroup]: withoutTarget(ProgType.CgroupSkb, AttachType.CgroupInetEgress, AttachType.CgroupInetEgress),
  [LinkType.Netns]: withoutTarget(ProgType.FlowDissector, AttachType.FlowDissector),
  [LinkType.PerfEvent]: perfEventLink,
  [LinkType.KprobeMulti]: context => multiLink(context, AttachType.TraceKprobeMulti),
  [LinkType.UprobeMulti]: context => multiLink(context, AttachType.TraceUprobeMulti),
  [LinkType.StructOps]: context => probeMapFlag(context, MapFlag.Link),
  [LinkType.Netfilter]: context =>
    tryLink(
      context,
      { type: ProgType.Netfilter, expectedAttachType: AttachType.Netfilter },
      { head: { attachType: AttachType.Netfilter }, tail: { kind: 'netfilter', pf: 255, hook: 0, priority: 0 } },
      Errno.EAFNOSUPPORT,
    ),
  [LinkType.Tcx]: onNoInterface(AttachType.TcxIngress),
  [LinkType.Netkit]: onNoInterface(AttachType.NetkitPrimary),
  [LinkType.Sockmap]: withoutTarget(ProgType.SkMsg, AttachType.SkMsgVerdict, AttachType.SkMsgVerdict),
}

/** Whether the kernel has a kind of link (`LinkType`). */
export function probeLinkType(context: ProbeContext, type: number): Verdict {
  return (probes[type] ?? byName(type))(context)
}
