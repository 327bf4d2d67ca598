import { AttachType, type Fd, linkCreate, type OwnedFd, perfEventDisable, perfEventEnable, perfEventSetBpf, type Sys } from '@bpf/sys'
import type { Way } from '../ways'
import { heldLink } from './held-link'
import { kernelLink } from './kernel-link'
import type { AttachableProgram, Link, LinkInterface, LinkLabel } from './link'

export interface PerfAttachment {
  readonly label: LinkLabel
  readonly program: AttachableProgram
  /** Readable in the program through bpf_get_attach_cookie() (5.15). */
  readonly cookie?: bigint | undefined
  /** Opens the event, disabled. @throws SyscallError, MissingInterfaceError */
  openEvent(): OwnedFd
}

/** The two ways of attaching to a perf event: a bpf_link (5.15), or PERF_EVENT_IOC_SET_BPF. */
export function perfWays(sys: Sys, attachment: PerfAttachment): readonly Way[] {
  const unable = attachment.cookie === undefined ? undefined : 'it has no cookies'
  return [
    { interface: 'bpf link', attach: () => perfLink(sys, attachment) },
    { interface: 'perf_event ioctl', unable, attach: () => perfIoctlLink(sys, attachment) },
  ]
}

/** The link holds the event from then on. */
function perfLink(sys: Sys, { label, program, cookie, openEvent }: PerfAttachment): Link {
  using event = openEvent()
  const head = { progFd: program.fd as Fd, targetFd: event.fd, attachType: AttachType.PerfEvent }
  const link = linkCreate(sys, head, cookie === undefined ? { kind: 'plain' } : { kind: 'perfEvent', cookie })
  try {
    perfEventEnable(sys, event.fd)
  } catch (error) {
    link.close()
    throw error
  }
  return kernelLink(sys, link, label)
}

/** Attaches with PERF_EVENT_IOC_SET_BPF; `after` runs when the event is closed again. @throws SyscallError */
export function perfIoctlLink(
  sys: Sys,
  { label, program, openEvent }: PerfAttachment,
  via: LinkInterface = 'perf_event ioctl',
  after: () => void = () => {},
): Link {
  const event = openEvent()
  try {
    perfEventSetBpf(sys, event.fd, program.fd as Fd)
    perfEventEnable(sys, event.fd)
  } catch (error) {
    event.close()
    throw error
  }
  return heldLink({
    ...label,
    interface: via,
    detach: () => {
      if (!event.closed) perfEventDisable(sys, event.fd)
      event.close()
      after()
    },
  })
}
