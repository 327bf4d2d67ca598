import { attachLwt } from '../lwt/lwt'
import { attachNetfilter, netfilterFamilies, netfilterHooks } from '../netfilter'
import { attachNetkit } from '../netkit'
import { attachNetns } from '../netns'
import { attachSockmap } from '../socket/sockmap'
import { attachTc } from '../tc/tc'
import { attachTcAction } from '../tc/tc-action'
import { attachCpumap, attachDevmap } from '../xdp/redirect-map'
import { attachXdp } from '../xdp/xdp'
import { attachDispatched } from '../xdp-dispatcher/dispatched'
import { type XdpAction, xdpActions } from '../xdp-dispatcher/run-config'
import { type Hook, mapOf } from './hook'
import { oneOf } from './option-values'
import { parseMapEntry } from './section-target'

/** `7` is an interface's index. */
const interfaceOf = (text: string) => (/^\d+$/.test(text) ? Number(text) : text)

const dispatchedXdp: Hook = {
  name: 'xdp,dispatch',
  form: 'an interface: eth0',
  options: ['netns', 'priority'],
  own: { mode: oneOf('native', 'generic', 'offload'), chainCallActions: actions },
  attach: (context, program, target, options) => attachDispatched(context, program, { interface: interfaceOf(target), ...options }),
}

export const xdp: Hook = {
  name: 'xdp',
  form: 'an interface: eth0',
  options: ['netns'],
  own: { mode: oneOf('native', 'generic', 'offload'), replace: oneOf('any') },
  variants: { dispatch: dispatchedXdp },
  attach: (context, program, target, options) => attachXdp(context, program, { interface: interfaceOf(target), ...options }),
}

export const devmap: Hook = {
  name: 'devmap',
  form: 'MAP:KEY@INTERFACE: ports:3@eth0',
  options: ['netns'],
  attach(context, program, target, options) {
    const [, entry = '', device] = /^(.+)@([^@]+)$/.exec(target) ?? []
    const place = parseMapEntry(entry)
    if (place === undefined || device === undefined) return undefined
    const { map, key } = place
    return attachDevmap(context, program, { map: mapOf(context, program, map), key, interface: interfaceOf(device), ...options })
  },
}

export const cpumap: Hook = {
  name: 'cpumap',
  form: 'MAP:CPU: cpus:2',
  options: ['queueSize'],
  attach(context, program, target, options) {
    const place = parseMapEntry(target)
    return place && attachCpumap(context, program, { map: mapOf(context, program, place.map), cpu: place.key, ...options })
  },
}

export const tc: Hook = {
  name: 'tc',
  form: 'INTERFACE[:ingress|:egress]: eth0:ingress',
  options: ['netns', 'place', 'expectedRevision', 'priority', 'handle', 'directAction', 'classId'],
  own: { direction: oneOf('ingress', 'egress') },
  attach(context, program, target, options) {
    // No interface has a colon in its name.
    const [name = '', direction, more] = target.split(':')
    if (name === '' || more !== undefined || !(direction === undefined || isDirection(direction))) return undefined
    return attachTc(context, program, { interface: interfaceOf(name), ...(direction && { direction }), ...options })
  },
}

export const tcAction: Hook = {
  name: 'action',
  form: 'INTERFACE:ingress or INTERFACE:egress: eth0:ingress',
  options: ['netns', 'priority'],
  attach(context, program, target, options) {
    const [name = '', direction, more] = target.split(':')
    if (name === '' || more !== undefined || direction === undefined || !isDirection(direction)) return undefined
    return attachTcAction(context, program, { interface: interfaceOf(name), direction, ...options })
  },
}

export const netkit: Hook = {
  name: 'netkit',
  form: 'an interface: nk0',
  options: ['netns', 'place', 'expectedRevision'],
  own: { side: oneOf('primary', 'peer') },
  attach: (context, program, target, options) => attachNetkit(context, program, { interface: interfaceOf(target), ...options }),
}

export const netfilter: Hook = {
  name: 'netfilter',
  form: `FAMILY:HOOK: ipv4:input (${Object.keys(netfilterFamilies).join(', ')}; ${Object.keys(netfilterHooks).join(', ')})`,
  options: ['priority', 'defragment', 'netns'],
  attach(context, program, target, options) {
    const [family = '', hook = '', more] = target.split(':')
    if (!isKey(netfilterFamilies, family) || !isKey(netfilterHooks, hook) || more !== undefined) return undefined
    return attachNetfilter(context, program, { family, hook, ...options })
  },
}

export const netns: Hook = {
  name: 'netns',
  form: 'a network namespace: /run/netns/blue, or "here"',
  options: [],
  attach: (context, program, target) => attachNetns(context, program, target === 'here' ? {} : { netns: target }),
}

export const lwt: Hook = {
  name: 'lwt',
  form: 'NETWORK@INTERFACE: 10.1.0.0/16@eth0',
  options: ['via', 'table', 'metric', 'headroom', 'netns'],
  attach(context, program, target, options) {
    const [, destination, device] = /^([^@]+)@([^@]+)$/.exec(target) ?? []
    if (destination === undefined || device === undefined) return undefined
    return attachLwt(context, program, { destination, interface: interfaceOf(device), ...options })
  },
}

export const sockmap: Hook = {
  name: 'sockmap',
  form: 'a sockmap or sockhash of the object: sockets',
  options: [],
  attach: (context, program, name) => attachSockmap(context, program, { map: mapOf(context, program, name) }),
}

/** `pass+drop` */
function actions(text: string): readonly XdpAction[] | undefined {
  const names = text.split('+').map(name => `XDP_${name.toUpperCase()}`)
  return names.every(name => isKey(xdpActions, name)) ? names : undefined
}

function isDirection(text: string): text is 'ingress' | 'egress' {
  return text === 'ingress' || text === 'egress'
}

function isKey<T extends object>(table: T, name: string): name is Extract<keyof T, string> {
  return Object.hasOwn(table, name)
}
