import { AttachType, ProgType } from '@bpf/sys'
import type { AttachableProgram } from '../link/link'
import type { Hook } from './hook'
import { cpumap, devmap, lwt, netfilter, netkit, netns, sockmap, tc, tcAction, xdp } from './network-hooks'
import { sectionWord } from './section-target'
import { cgroup, iter, kprobe, ksyscall, lirc, perfEvent, rawTracepoint, tracepoint, uprobe, usdt } from './system-hooks'

/** Of program types with one hook, or with one that others are told from below. */
const byType: Readonly<Record<number, Hook>> = {
  [ProgType.Xdp]: xdp,
  [ProgType.SchedCls]: tc,
  [ProgType.SchedAct]: tcAction,
  [ProgType.CgroupSkb]: cgroup,
  [ProgType.CgroupSock]: cgroup,
  [ProgType.CgroupSockAddr]: cgroup,
  [ProgType.CgroupSockopt]: cgroup,
  [ProgType.CgroupSysctl]: cgroup,
  [ProgType.CgroupDevice]: cgroup,
  [ProgType.SockOps]: cgroup,
  [ProgType.SkLookup]: netns,
  [ProgType.FlowDissector]: netns,
  [ProgType.PerfEvent]: perfEvent,
  [ProgType.Netfilter]: netfilter,
  [ProgType.LircMode2]: lirc,
  [ProgType.LwtIn]: lwt,
  [ProgType.LwtOut]: lwt,
  [ProgType.LwtXmit]: lwt,
  [ProgType.LwtSeg6local]: lwt,
  [ProgType.SkSkb]: sockmap,
  [ProgType.SkMsg]: sockmap,
  [ProgType.Tracepoint]: tracepoint,
  [ProgType.RawTracepoint]: rawTracepoint,
  [ProgType.RawTracepointWritable]: rawTracepoint,
}

/** What the expected attach type tells apart. */
const byAttachType: Readonly<Record<number, Hook>> = {
  [AttachType.NetkitPrimary]: netkit,
  [AttachType.NetkitPeer]: netkit,
  [AttachType.LsmCgroup]: cgroup,
  [AttachType.TraceIter]: iter,
  [AttachType.XdpDevmap]: devmap,
  [AttachType.XdpCpumap]: cpumap,
}

/** What decides of which hook a program is. */
export type HookedProgram = Pick<AttachableProgram, 'type' | 'expectedAttachType' | 'section'>

export function hookOf({ type, expectedAttachType, section }: HookedProgram): Hook | undefined {
  return type === ProgType.Kprobe ? kprobeHook(section) : (byAttachType[expectedAttachType] ?? byType[type])
}

/** Kprobe programs, by the first word of their section. */
function kprobeHook(section: string): Hook {
  const word = sectionWord(section)
  if (word.startsWith('usdt')) return usdt
  if (word.startsWith('uprobe') || word.startsWith('uretprobe')) return uprobe
  return word.startsWith('ksyscall') || word.startsWith('kretsyscall') ? ksyscall : kprobe
}

/** `xdp`; undefined where targets cannot be written down. */
export function hookNameOf(program: HookedProgram): string | undefined {
  return hookOf(program)?.name
}
