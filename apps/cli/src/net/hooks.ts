import type { Attached, AttachedNetfilter, InterfacePrograms, NamedFilters, NetPrograms, ProgramRoute, TcState } from '@bpf/attach'

/** One program on one hook of the network; a line of `bpf net list`, an element of its JSON. */
export interface NetHook {
  /**
   * `xdp`, `tcx/ingress`, `clsact/egress`, `action/egress` (of a filter), `htb/1:10` (a filter of that class), `netkit/peer`, `flow_dissector`,
   * `sk_lookup`, `netfilter/ipv4/local-in`, `lwt_xmit`.
   */
  readonly hook: string
  /** Null for hooks of the whole namespace. */
  readonly interface: string | null
  readonly ifindex: number | null
  readonly programId: number | null
  /** At most 15 bytes. */
  readonly programName: string | null
  /** Null when it is attached without a link, or the kernel does not tell. */
  readonly linkId: number | null
  /** Of XDP: `native`, `generic`, `offload`. */
  readonly mode: string | null
  /** Of filters and netfilter hooks: lower runs first. */
  readonly priority: number | null
  /** What whoever made a tc filter, an action or a route called the program. */
  readonly filter: string | null
  /** Of a route: where to. */
  readonly route: string | null
}

const none: Omit<NetHook, 'hook'> = {
  interface: null,
  ifindex: null,
  programId: null,
  programName: null,
  linkId: null,
  mode: null,
  priority: null,
  filter: null,
  route: null,
}

/** In the order of a packet, interface by interface; then the hooks of the whole namespace. */
export function netHooks(state: NetPrograms, device: string | undefined): NetHook[] {
  const { interfaces, flowDissector, skLookup, netfilter, routes } = state
  const selected = interfaces.filter(({ name }) => device === undefined || name === device)
  const ofInterfaces = selected.flatMap(one => [
    ...interfaceHooks(one),
    ...routes.filter(({ ifindex }) => ifindex === one.ifindex).map(route => ({ ...routeHook(route), interface: one.name })),
  ])
  if (device !== undefined) return ofInterfaces
  return [
    ...ofInterfaces,
    ...flowDissector.programs.map(program => attached('flow_dissector', program)),
    ...skLookup.programs.map(program => attached('sk_lookup', program)),
    ...netfilter.map(netfilterHook),
  ]
}

function interfaceHooks({ ifindex, name, xdp, ingress, egress, queues, netkit }: InterfacePrograms): NetHook[] {
  const here = { interface: name, ifindex }
  return [
    ...xdp.map(({ mode, programId, programName }) => ({
      ...none,
      ...here,
      hook: 'xdp',
      mode,
      programId,
      programName: programName ?? null,
    })),
    ...tcHooks('ingress', ingress, here),
    ...tcHooks('egress', egress, here),
    ...queues.flatMap(({ qdisc, parent, ...filters }) => filterHooks(`${qdisc}/${parent}`, `action/${parent}`, filters, here)),
    ...(netkit?.primary.programs ?? []).map(program => ({ ...attached('netkit/primary', program), ...here })),
    ...(netkit?.peer.programs ?? []).map(program => ({ ...attached('netkit/peer', program), ...here })),
  ]
}

type Here = Pick<NetHook, 'interface' | 'ifindex'>

/** tcx runs before the filters. */
function tcHooks(direction: string, { tcx, ...filters }: TcState, here: Here): NetHook[] {
  return [
    ...tcx.programs.map(program => ({ ...attached(`tcx/${direction}`, program), ...here })),
    ...filterHooks(`clsact/${direction}`, `action/${direction}`, filters, here),
  ]
}

function filterHooks(hook: string, action: string, { filters, foreign }: NamedFilters, here: Here): NetHook[] {
  const entry = (name: string, priority: number, program: NamedProgram): NetHook => ({
    ...none,
    ...here,
    hook: name,
    programId: program.programId ?? null,
    programName: program.programName ?? null,
    priority,
    filter: program.name ?? null,
  })
  return [
    ...filters.flatMap(({ priority, actions, ...filter }) => [
      entry(filter.action === undefined ? hook : action, priority, filter),
      ...actions.map(program => entry(action, priority, program)),
    ]),
    ...foreign.flatMap(({ priority, actions }) => actions.map(program => entry(action, priority, program))),
  ]
}

interface NamedProgram {
  readonly name: string | undefined
  readonly programId: number | undefined
  readonly programName: string | undefined
}

function routeHook({ destination, hook, ifindex, name, programId }: ProgramRoute): NetHook {
  return { ...none, hook, ifindex: ifindex ?? null, programId: programId ?? null, filter: name ?? null, route: destination }
}

function attached(hook: string, { programId, programName, linkId }: Attached): NetHook {
  return { ...none, hook, programId, programName: programName ?? null, linkId: linkId ?? null }
}

function netfilterHook({ linkId, programId, programName, family, hook, priority }: AttachedNetfilter): NetHook {
  return { ...none, hook: `netfilter/${family}/${hook}`, programId, programName: programName ?? null, linkId, priority }
}
