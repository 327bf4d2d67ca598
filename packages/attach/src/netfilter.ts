import { AttachType, Errno, type Fd, linkCreate, NetfilterFlag, type SyscallError } from '@bpf/sys'
import type { AttachContext } from './context'
import { kernelLink } from './link/kernel-link'
import type { AttachableProgram, Link, LinkLabel } from './link/link'
import { inNetns } from './network'
import { attachFirst, type Explanation } from './ways'

/** `NFPROTO_*` and `enum nf_inet_hooks` (include/uapi/linux/netfilter.h). */
export const netfilterFamilies = { ipv4: 2, ipv6: 10 } as const
export const netfilterHooks = { prerouting: 0, input: 1, forward: 2, output: 3, postrouting: 4 } as const

export interface NetfilterTarget {
  readonly family: keyof typeof netfilterFamilies
  readonly hook: keyof typeof netfilterHooks
  /** Lower runs first; iptables filters at 0, and connections are tracked at -200. 0 unless given. */
  readonly priority?: number
  /** Let the program see whole packets, not fragments (6.6); needs a priority above -400. */
  readonly defragment?: boolean
  /** By path or descriptor; this thread's network namespace unless given. */
  readonly netns?: string | Fd
}

/** Attaches to a netfilter hook (6.4). @throws AttachError */
export function attachNetfilter({ sys }: AttachContext, program: AttachableProgram, target: NetfilterTarget): Link {
  const { family, hook, priority = 0, defragment = false, netns } = target
  const label: LinkLabel = { kind: 'netfilter', program: program.name, target: `netfilter ${family} ${hook} priority ${priority}` }
  const attach = () => {
    const head = { progFd: program.fd as Fd, attachType: AttachType.Netfilter }
    const flags = defragment ? NetfilterFlag.IpDefrag : 0
    const tail = { kind: 'netfilter', pf: netfilterFamilies[family], hook: netfilterHooks[hook], priority, flags } as const
    return kernelLink(sys, linkCreate(sys, head, tail), label)
  }
  return inNetns(sys, netns, () => attachFirst(label, [{ interface: 'bpf link', attach }], { explain }))
}

function explain({ errno }: SyscallError): Explanation | undefined {
  const known: Readonly<Record<number, Explanation>> = {
    [Errno.EBUSY]: { problem: 'another BPF program has that priority', hint: 'choose another priority' },
    [Errno.ERANGE]: { problem: 'the lowest and the highest priority cannot be had' },
    [Errno.EAFNOSUPPORT]: { problem: 'this kernel was built without that family' },
    [Errno.EINVAL]: { hint: 'this kernel may have no BPF netfilter links (6.4, CONFIG_NETFILTER_BPF_LINK)' },
    [Errno.EOPNOTSUPP]: { problem: 'this kernel cannot defragment for BPF programs' },
  }
  return known[errno]
}
