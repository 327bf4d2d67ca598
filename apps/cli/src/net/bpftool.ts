import type { NetHook } from './hooks'

const xdpModes: Readonly<Record<string, string>> = { native: 'driver', generic: 'generic', offload: 'offload' }

/** Filters of `htb/1:10`; it does not look into the actions of filters. */
const queue = /^(?!action\/)(\w+)\/[\da-f]+:/

/** What `bpftool -j net list` prints: an array of one object. Netfilter programs are links there, and left out here. */
export function bpftoolNet(hooks: readonly NetHook[]): unknown {
  const xdp = hooks.filter(({ hook }) => hook === 'xdp')
  const withXdp = [...new Set(xdp.map(({ ifindex }) => ifindex))]
  return [
    {
      xdp: withXdp.map(index => xdpOfInterface(xdp.filter(({ ifindex }) => ifindex === index))),
      tc: hooks.filter(({ hook }) => /^(clsact|tcx|netkit)\//.test(hook) || queue.test(hook)).map(tcEntry),
      flow_dissector: hooks.filter(({ hook }) => hook === 'flow_dissector').map(({ programId }) => ({ id: programId })),
    },
  ]
}

function xdpOfInterface(programs: readonly NetHook[]): unknown {
  const [first] = programs
  const modes = programs.map(({ mode, programId }) => ({ mode: xdpModes[mode ?? ''], id: programId }))
  const device = { devname: first?.interface, ifindex: first?.ifindex }
  return modes.length === 1 ? { ...device, ...modes[0] } : { ...device, mode: 'multi', multi_attachments: modes }
}

function tcEntry({ hook, interface: devname, ifindex, programId, programName, linkId, filter }: NetHook): unknown {
  const qdisc = queue.exec(hook)?.[1]
  const entry = { devname, ifindex, kind: qdisc ?? hook }
  if (qdisc !== undefined || hook.startsWith('clsact/')) return { ...entry, name: filter, id: programId }
  return {
    ...entry,
    name: programName,
    prog_id: programId,
    prog_flags: [],
    ...(linkId === null ? {} : { link_id: linkId, link_flags: [] }),
  }
}
