import { throws } from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import type { FeatureName } from '../scenario/features'
import type { Scenario } from '../scenario/types'
import { prepared } from './every-hook'

const cable = prepared(t => t.network())

export const loadingScenarios: readonly Scenario[] = [
  {
    name: 'the kernel says why it refuses a map',
    family: 'load',
    files: ['loading.o'],
    requires: { features: ['log of any command'] },
    check(t) {
      const object = t.open('loading.o')
      for (const map of object.spec.maps) if (map.name === 'large') map.mapExtra = 5n
      throws(() => object.load(), { code: 'ERR_BPF_LOAD', hint: 'the kernel says: Invalid map_extra.' })
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
  structOps('struct_ops by map update', ['struct_ops'], ['plain']),
  structOps('struct_ops by bpf link', ['struct_ops link'], ['linked']),
  structOps('struct_ops, both kinds', ['struct_ops', 'struct_ops link'], ['plain', 'linked']),
]

/** -ENOENT: there is no such connection. */
const noEntry = -2

/** Registers TCP congestion controls of an object that has one for each interface. */
function structOps(name: string, features: readonly FeatureName[], variables: readonly string[]): Scenario {
  const file = 'struct-ops.o'
  const registered = () => readFileSync('/proc/sys/net/ipv4/tcp_available_congestion_control', 'utf8').trim().split(' ')
  return {
    name,
    family: 'struct_ops',
    files: [file],
    requires: { features },
    attach(t) {
      const object = t.open(file)
      const { spec } = object
      spec.structOps = spec.structOps.filter(({ map }) => variables.includes(map))
      spec.maps = spec.maps.filter(({ origin, name: map }) => origin.kind !== 'structOps' || variables.includes(map))
      const loaded = object.load()
      t.defer(() => loaded.close())
      return loaded.attach().links
    },
    check() {
      const absent = variables.filter(variable => !registered().includes(`bpf_${variable}`))
      if (absent.length > 0) throw new Error(`not registered: ${absent.join(', ')}`)
    },
    checkDetached: t => t.until('they are gone', () => !registered().some(control => control.startsWith('bpf_'))),
  }
}
