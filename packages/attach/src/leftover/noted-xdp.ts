import { NetlinkProtocol, NetlinkSocket } from '@bpf/sys'
import type { AttachContext } from '../context'
import { inNetns } from '../network'
import { getXdp, unsetXdp, xdpModeFlags } from '../xdp/xdp-netlink'
import { networkNamespaces } from './network-namespaces'
import type { LeftNote } from './note'
import { isNoted, orGone, withProgram } from './noted-program'
import type { PlaceOf } from './place'

/** A program that an interface has by netlink. */
export function findXdp(context: AttachContext, { netns, ifindex }: PlaceOf<'xdp'>, note: LeftNote): (() => void) | undefined {
  const { sys } = context
  const namespace = networkNamespaces(context.kernel.files).get(netns)
  if (namespace === undefined) return undefined
  const attached = inNetns(sys, namespace, () => {
    using route = new NetlinkSocket(sys, NetlinkProtocol.Route)
    return [...orGone(() => getXdp(route, ifindex), new Map())].find(([, id]) => isNoted(context, note, id))
  })
  if (attached === undefined) return undefined
  const [mode, progId] = attached
  return () =>
    withProgram(context, progId, progFd =>
      inNetns(sys, namespace, () => {
        using route = new NetlinkSocket(sys, NetlinkProtocol.Route)
        unsetXdp(route, { ifindex, flags: xdpModeFlags[mode], progFd, progId })
      }),
    )
}
