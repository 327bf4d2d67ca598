import { isSyscallError, NetlinkProtocol, NetlinkSocket } from '@bpf/sys'
import type { AttachContext } from '../context'
import { leftRoutes, removeLeftRoute } from '../lwt/left-routes'
import { inNetns, listInterfaces } from '../network'
import { leftFilters, takeAway } from '../tc/clsact'
import { leftTracefsEvents, removeTracefsEvent } from '../tracefs-event'
import { networkNamespaces } from './network-namespaces'
import { type Leftover, notedLeftovers } from './noted'

/**
 * What processes of ours left attached when they ended without closing, as one that is killed does: XDP programs by netlink,
 * filters of tc, routes, BPF_PROG_ATTACH, struct_ops without a link, and events of tracefs. What a bpf_link or a descriptor
 * held went with its process; what was pinned is no leftover. Looks into every network namespace that this process can
 * see; owners in other pid namespaces count as alive. Needs CAP_SYS_ADMIN.
 *
 * @throws SyscallError
 */
export function findLeftovers(context: AttachContext): readonly Leftover[] {
  const { sys, kernel } = context
  const namespaces = [...networkNamespaces(kernel.files).values()]
  return [...notedLeftovers(context), ...namespaces.flatMap(netns => inNamespace(context, netns)), ...tracefsLeftovers(context)]

  function inNamespace(context: AttachContext, netns: string): readonly Leftover[] {
    // It went away meanwhile, or may not be entered.
    try {
      return inNetns(sys, netns, () => [...filterLeftovers(context, netns), ...routeLeftovers(context, netns)])
    } catch (error) {
      if (isSyscallError(error) && ['openat', 'setns'].includes(error.syscall)) return []
      throw error
    }
  }
}

function filterLeftovers({ sys, kernel }: AttachContext, netns: string): readonly Leftover[] {
  using route = new NetlinkSocket(sys, NetlinkProtocol.Route)
  return listInterfaces(route).flatMap(({ ifindex, name }) =>
    leftFilters(route, kernel.files, ifindex).map(filter => ({
      kind: 'tc filter',
      description: `${filter.direction} filter ${filter.name} of ${name} in ${netns}`,
      remove: () => withRoute(sys, netns, socket => takeAway(socket, ifindex, filter)),
    })),
  )
}

function routeLeftovers({ sys, kernel }: AttachContext, netns: string): readonly Leftover[] {
  using route = new NetlinkSocket(sys, NetlinkProtocol.Route)
  return leftRoutes(route, kernel.files).map(left => ({
    kind: 'route',
    description: `route to ${left.destination} through program ${left.name} in ${netns}`,
    remove: () => withRoute(sys, netns, socket => removeLeftRoute(socket, left)),
  }))
}

function withRoute(sys: AttachContext['sys'], netns: string, action: (route: NetlinkSocket) => void): void {
  inNetns(sys, netns, () => {
    using route = new NetlinkSocket(sys, NetlinkProtocol.Route)
    action(route)
  })
}

/** None where tracefs is not mounted: it is mounted by whoever makes an event. */
function tracefsLeftovers(context: AttachContext): readonly Leftover[] {
  if (context.kernel.tracefs() === undefined) return []
  return (['kprobe_events', 'uprobe_events'] as const).flatMap(file =>
    leftTracefsEvents(context, file).map(name => ({
      kind: 'tracefs event',
      description: `${name} in ${file}`,
      remove: () => void removeTracefsEvent(context, file, name),
    })),
  )
}
