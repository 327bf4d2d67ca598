import { AttachType, Errno, type Fd, ProgType, progQuery, snakeName } from '@bpf/sys'
import { assemble, returnZero } from './code'
import { multiLink, perfEventLink } from './links'
import { errnoOf, judge, judgeFailure, type ProbeContext, tryProgram, type Verdict } from './probe'

type AttachProbe = (context: ProbeContext, attachType: number) => Verdict

const nothing = 0xffff_ffff as Fd

/** BPF_PROG_QUERY looks at the attach type first, and only then for the target. */
const byQuery: AttachProbe = ({ sys }, attachType) =>
  judgeFailure(
    errnoOf(() => progQuery(sys, { targetFd: nothing, attachType })),
    Errno.EBADF,
    Errno.ENODEV,
  )

/** The attach type is checked when a program is loaded. */
const byLoad =
  (type: number): AttachProbe =>
  ({ sys }, expectedAttachType) =>
    judge(tryProgram(sys, { type, insns: assemble(returnZero), expectedAttachType }).errno)

/** The verifier complains of the target only if it knows the attach type. */
const byTarget =
  (type: number): AttachProbe =>
  ({ sys }, expectedAttachType) => {
    const options = { type, insns: assemble(returnZero), expectedAttachType, attachBtfId: 1, wantLog: true }
    const { errno, log } = tryProgram(sys, options)
    return log.includes('attach_btf_id 1 is not a') ? true : judge(errno)
  }

/** Nothing but a real attachment would tell: believe the kernel's own list of names. */
const byName: AttachProbe = ({ enumerator }, attachType) =>
  enumerator('bpf_attach_type', `BPF_${snakeName(AttachType, attachType).toUpperCase()}`)

const probes: Readonly<Record<number, AttachProbe>> = {
  [AttachType.SkSkbStreamParser]: byName,
  [AttachType.SkSkbStreamVerdict]: byName,
  [AttachType.SkSkbVerdict]: byName,
  [AttachType.SkMsgVerdict]: byName,
  [AttachType.Xdp]: byName,
  [AttachType.XdpDevmap]: byName,
  [AttachType.XdpCpumap]: byName,
  [AttachType.StructOps]: byName,
  [AttachType.TraceFentryMulti]: byName,
  [AttachType.TraceFexitMulti]: byName,
  [AttachType.TraceFsessionMulti]: byName,
  [AttachType.SkReuseportSelect]: byLoad(ProgType.SkReuseport),
  [AttachType.SkReuseportSelectOrMigrate]: byLoad(ProgType.SkReuseport),
  [AttachType.Netfilter]: byLoad(ProgType.Netfilter),
  [AttachType.TraceRawTp]: byTarget(ProgType.Tracing),
  [AttachType.TraceFentry]: byTarget(ProgType.Tracing),
  [AttachType.TraceFexit]: byTarget(ProgType.Tracing),
  [AttachType.TraceFsession]: byTarget(ProgType.Tracing),
  [AttachType.ModifyReturn]: byTarget(ProgType.Tracing),
  [AttachType.TraceIter]: byTarget(ProgType.Tracing),
  [AttachType.LsmMac]: byTarget(ProgType.Lsm),
  [AttachType.LsmCgroup]: byTarget(ProgType.Lsm),
  [AttachType.PerfEvent]: perfEventLink,
  [AttachType.TraceKprobeMulti]: multiLink,
  [AttachType.TraceKprobeSession]: multiLink,
  [AttachType.TraceUprobeMulti]: multiLink,
  [AttachType.TraceUprobeSession]: multiLink,
}

/** Whether programs can be attached that way. Cgroup, tc and network namespace hooks are the ones that can be queried. */
export function probeAttachType(context: ProbeContext, attachType: number): Verdict {
  return (probes[attachType] ?? byQuery)(context, attachType)
}
