import { readFileSync } from 'node:fs'
import type { Scenario } from '../scenario/types'
import { prepared } from './every-hook'

const cable = prepared(t => t.network())

const congestionControls = () => readFileSync('/proc/sys/net/ipv4/tcp_available_congestion_control', 'utf8')

export const loadingScenarios: readonly Scenario[] = [
  {
    name: 'maps larger than the limit of locked memory',
    family: 'load',
    object: 'loading.o',
    attach: () => [],
    check(t) {
      t.program('count').run()
      if (t.lookup('large', (1 << 20) - 1) !== 1n) throw new Error('the program did not count')
    },
  },
  {
    name: 'fentry and CO-RE of a module',
    family: 'module',
    object: 'module.o',
    programs: ['on_veth_xmit'],
    requires: { features: ['fentry', 'module btf'], modules: ['veth'], commands: ['ip'] },
    prepare: cable.prepare,
    stimulate: t => void cable.of(t).send(cable.of(t).near, cable.of(t).far),
    check(t) {
      if (t.read('peer_size') !== 8) throw new Error(`a field of struct veth_priv has ${t.read('peer_size')} bytes, expected 8`)
      if (!(Number(t.read('bytes')) > 0)) throw new Error('the packet had no bytes')
    },
  },
  {
    name: 'function of a module called',
    family: 'module',
    object: 'module.o',
    programs: ['ask_conntrack'],
    requires: { kernel: '5.18', features: ['module btf'], modules: ['nf_conntrack'] },
    attach: () => [],
    check(t) {
      t.program('ask_conntrack').run()
      const error = t.read('lookup_error')
      if (error !== noEntry) throw new Error(`the lookup failed with ${error}, expected ${noEntry}`)
    },
  },
  {
    name: 'struct_ops',
    family: 'struct_ops',
    object: 'struct-ops.o',
    requires: { features: ['struct_ops', 'struct_ops link'] },
    check() {
      for (const name of ['bpf_plain', 'bpf_linked']) if (!congestionControls().includes(name)) throw new Error(`${name} is not registered`)
    },
    checkDetached: t => t.until('both are gone', () => !/bpf_(?:plain|linked)/.test(congestionControls())),
  },
]

/** -ENOENT: there is no such connection. */
const noEntry = -2
