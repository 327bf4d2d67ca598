import { AttachType, duplicateFd, Errno, type Fd, infoLayouts, linkCreate, objGetInfo, type SyscallError, snakeName } from '@bpf/sys'
import type { AttachContext } from '../context'
import { clearPlace } from '../leftover/noted'
import { kernelLink } from '../link/kernel-link'
import type { AttachableProgram, Link, LinkInterface, LinkLabel } from '../link/link'
import { progAttachLink } from '../prog-attach'
import { type HookState, queryHook } from '../query/hook'
import { refuseTaken } from '../taken'
import { attachFirst, type Explanation } from '../ways'

/** The sockets in a sockmap or sockhash. */
export interface SockmapTarget {
  /** The map; its descriptor stays the caller's. */
  readonly map: { readonly fd: number; readonly name?: string }
  /** `AttachType` of a parser, a verdict or a message program; what the program was loaded for unless given. */
  readonly attachType?: number
  readonly interfaces?: readonly LinkInterface[]
}

/**
 * Attaches to what the sockets of a map receive (`sk_skb`) or send (`sk_msg`): a link (6.10), or BPF_PROG_ATTACH.
 *
 * A socket comes under the programs that are attached when it is put into the map, and stays under them: attach first, and
 * know that detaching and swapping count for sockets put there later. Refused where a program is, which the kernel would drop
 * without a word.
 *
 * @throws AttachError
 */
export function attachSockmap(context: AttachContext, program: AttachableProgram, target: SockmapTarget): Link {
  const { sys } = context
  const { map, interfaces, attachType = program.expectedAttachType } = target
  const name = map.name === undefined ? `map descriptor ${map.fd}` : `map "${map.name}"`
  const label: LinkLabel = { kind: 'sockmap', program: program.name, target: `${snakeName(AttachType, attachType)} of ${name}` }
  const head = { progFd: program.fd as Fd, targetFd: map.fd as Fd, attachType }
  const makeRoom = () => {
    const { id: mapId } = objGetInfo(sys, head.targetFd, infoLayouts.mapInfo, {})
    const place = { kind: 'sockmap', mapId, attachType } as const
    clearPlace(context, place)
    refuseTaken(label, () => querySockmap(context, map, attachType))
    return place
  }
  const ways = [
    {
      interface: 'bpf link',
      attach: () => {
        makeRoom()
        return kernelLink(sys, linkCreate(sys, head), label)
      },
    },
    {
      interface: 'prog_attach',
      attach: () => {
        const place = makeRoom()
        const hold = duplicateFd(sys, map.fd, name)
        return progAttachLink(context, label, program, { target: { targetFd: hold.fd }, attachType, replace: 'over', hold, place })
      },
    },
  ] as const
  return attachFirst(label, ways, { interfaces, explain })
}

/** What is attached to the sockets of a map, by anyone (5.18). @throws SyscallError */
export function querySockmap({ sys }: AttachContext, map: SockmapTarget['map'], attachType: number): HookState {
  return queryHook(sys, { targetFd: map.fd as Fd, attachType })
}

function explain({ errno }: SyscallError): Explanation | undefined {
  const known: Readonly<Record<number, Explanation>> = {
    [Errno.EBUSY]: { problem: 'a program is attached there already', hint: 'of verdict and stream_verdict only one can be attached' },
    [Errno.EOPNOTSUPP]: { problem: 'the map is no sockmap or sockhash, or takes no such program' },
  }
  return known[errno]
}
