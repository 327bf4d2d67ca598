import { AttachType, Errno, type Fd, isSyscallError, linkCreate, type OwnedFd, type Sys, type SyscallError, snakeName } from '@bpf/sys'
import type { AttachContext } from './context'
import { AttachError } from './errors'
import { namespaceInode, ownNamespace } from './leftover/network-namespaces'
import { clearPlace } from './leftover/noted'
import { kernelLink } from './link/kernel-link'
import type { AttachableProgram, Link, LinkInterface, LinkLabel } from './link/link'
import { inNetns, netnsHint } from './network'
import { openTarget } from './owned'
import { progAttachLink } from './prog-attach'
import { type HookState, queryHook } from './query/hook'
import { refuseTaken } from './taken'
import { attachFirst, type Explanation } from './ways'

/** A whole network namespace: `sk_lookup` and `flow_dissector` programs. */
export interface NetnsTarget {
  /** By path (`/run/netns/blue`) or descriptor; this thread's unless given. */
  readonly netns?: string | Fd
  /** `AttachType`; what the program was loaded for unless given. */
  readonly attachType?: number
  readonly interfaces?: readonly LinkInterface[]
}

/** BPF_PROG_ATTACH knows the calling thread's namespace only, and wants no descriptor. */
const currentNamespace = { targetFd: 0 as Fd }

/** Attaches to a network namespace: a link (5.8; sk_lookup 5.9), or BPF_PROG_ATTACH for flow dissectors. @throws AttachError */
export function attachNetns(context: AttachContext, program: AttachableProgram, target: NetnsTarget = {}): Link {
  const { sys } = context
  const { attachType = program.expectedAttachType, interfaces } = target
  const label = labelOf(program.name, target.netns, attachType)
  using namespace = openNetns(sys, target.netns, label)
  const progFd = program.fd as Fd
  const place = { kind: 'netns', netns: namespaceInode(`/proc/self/fd/${namespace.fd}`) ?? 0, attachType } as const
  clearPlace(context, place)
  const ways = [
    {
      interface: 'bpf link',
      attach: () => kernelLink(sys, linkCreate(sys, { progFd, targetFd: namespace.fd, attachType }), label),
    },
    {
      interface: 'prog_attach',
      unable: attachType === AttachType.FlowDissector ? undefined : `it does not take ${snakeName(AttachType, attachType)} programs`,
      attach: () => {
        refuseTaken(label, () => queryHook(sys, { targetFd: namespace.fd, attachType }))
        const hold = openTarget(sys, namespace.fd)
        const within = (action: () => void) => inNetns(sys, hold.fd, action)
        const queried = { targetFd: hold.fd }
        return progAttachLink(context, label, program, {
          target: currentNamespace,
          queried,
          attachType,
          replace: 'over',
          hold,
          within,
          place,
        })
      },
    },
  ] as const
  return attachFirst(label, ways, { interfaces, explain })
}

/** What is attached to a network namespace, by anyone. @throws AttachError, SyscallError */
export function queryNetns({ sys }: AttachContext, netns: string | Fd | undefined, attachType: number): HookState {
  using namespace = openNetns(sys, netns, labelOf('', netns, attachType))
  return queryHook(sys, { targetFd: namespace.fd, attachType })
}

/** @throws AttachError */
function openNetns(sys: Sys, netns: string | Fd | undefined, { program, target }: LinkLabel): OwnedFd {
  try {
    return openTarget(sys, netns ?? ownNamespace)
  } catch (error) {
    if (!isSyscallError(error)) throw error
    const problem = error.errno === Errno.ENOENT ? 'there is no such network namespace' : error.errnoName
    const hint = error.errno === Errno.ENOENT ? netnsHint(String(netns)) : undefined
    throw new AttachError({ program, target, problem, hint, cause: error })
  }
}

function labelOf(program: string, netns: string | Fd | undefined, attachType: number): LinkLabel {
  const where = typeof netns === 'number' ? `network namespace descriptor ${netns}` : `network namespace ${netns ?? 'of this process'}`
  return { kind: 'netns', program, target: `${snakeName(AttachType, attachType)} of ${where}` }
}

function explain({ errno }: SyscallError): Explanation | undefined {
  const known: Readonly<Record<number, Explanation>> = {
    [Errno.EEXIST]: {
      problem: 'another program is attached',
      hint: 'one flow dissector fits a namespace, and one in the initial namespace serves all',
    },
    [Errno.E2BIG]: { problem: 'too many programs are attached (64)' },
  }
  return known[errno]
}
