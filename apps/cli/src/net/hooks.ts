import type { Attached, AttachedNetfilter, InterfacePrograms, NetPrograms, TcState } from '@bpf/attach'

/** One program on one hook of the network; a line of `bpf net list`, an element of its JSON. */
export interface NetHook {
  /** `xdp`, `tcx/ingress`, `clsact/egress`, `netkit/peer`, `flow_dissector`, `sk_lookup`, `netfilter/ipv4/local-in`. */
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
  /** The name of a tc filter. */
  readonly filter: string | null
}

const none = { interface: null, ifindex: null, programId: null, programName: null, linkId: null, mode: null, priority: null, filter: null }

/** In the order of a packet, interface by interface; then the hooks of the whole namespace. */
export function netHooks({ interfaces, flowDissector, skLookup, netfilter }: NetPrograms, device: string | undefined): NetHook[] {
  const selected = interfaces.filter(({ name }) => device === undefined || name === device)
  const ofInterfaces = selected.flatMap(interfaceHooks)
  if (device !== undefined) return ofInterfaces
  return [
    ...ofInterfaces,
    ...flowDissector.programs.map(program => attached('flow_dissector', program)),
    ...skLookup.programs.map(program => attached('sk_lookup', program)),
    ...netfilter.map(netfilterHook),
  ]
}

function interfaceHooks({ ifindex, name, xdp, ingress, egress, netkit }: InterfacePrograms): NetHook[] {
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
    ...(netkit?.primary.programs ?? []).map(program => ({ ...attached('netkit/primary', program), ...here })),
    ...(netkit?.peer.programs ?? []).map(program => ({ ...attached('netkit/peer', program), ...here })),
  ]
}

/** tcx runs before the filters. */
function tcHooks(direction: string, { tcx, filters }: TcState, here: Pick<NetHook, 'interface' | 'ifindex'>): NetHook[] {
  return [
    ...tcx.programs.map(program => ({ ...attached(`tcx/${direction}`, program), ...here })),
    ...filters.map(({ name, priority, programId, programName }) => ({
      ...none,
      ...here,
      hook: `clsact/${direction}`,
      programId: programId ?? null,
      programName: programName ?? null,
      priority,
      filter: name ?? null,
    })),
  ]
}

function attached(hook: string, { programId, programName, linkId }: Attached): NetHook {
  return { ...none, hook, programId, programName: programName ?? null, linkId: linkId ?? null }
}

function netfilterHook({ linkId, programId, programName, family, hook, priority }: AttachedNetfilter): NetHook {
  return { ...none, hook: `netfilter/${family}/${hook}`, programId, programName: programName ?? null, linkId, priority }
}
