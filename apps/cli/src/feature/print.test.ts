import { describe, it } from 'vitest'
import { expectGolden } from '../testing/golden'
import type { AgainstDocument } from './against'
import type { FeatureDocument } from './document'
import { printAgainst, printFeatures } from './print'

const golden = (name: string) => new URL(`golden/${name}.txt`, import.meta.url)

const features: FeatureDocument = {
  kernel: '6.12.0-cloud',
  arch: 'x64',
  programTypes: {
    socket_filter: true,
    kprobe: true,
    sched_cls: true,
    tracepoint: true,
    xdp: true,
    cgroup_sock_addr: true,
    netfilter: false,
    struct_ops: null,
  },
  mapTypes: Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`map_type_number_${i}`, i % 7 !== 0])),
  mapFlags: { no_prealloc: true, mmapable: true },
  attachTypes: { cgroup_inet_ingress: true, tcx_ingress: false },
  linkTypes: { xdp: true, perf_event: null },
  abilities: { btf: true, million_insns: true, load_acquire: false },
  kconfig: { CONFIG_BPF: 'y', CONFIG_HZ: '250', CONFIG_BPF_LSM: null },
  helpers: {
    xdp: ['bpf_map_lookup_elem', 'bpf_ktime_get_ns', 'bpf_xdp_adjust_head', 'bpf_redirect_map', 'bpf_fib_lookup', 'bpf_csum_diff'],
  },
}

const against: AgainstDocument = {
  object: 'obj.o',
  kernel: '5.4.0',
  fits: false,
  requirements: [
    { kind: 'program type', name: 'Xdp', since: '4.8', users: ['drop'], has: true, by: 'probe' },
    {
      kind: 'feature',
      name: 'signed division, sign extension, long jumps (cpu v4)',
      since: '6.6',
      users: ['drop', 'count', 'classify_all_packets'],
      has: false,
      by: 'probe',
    },
    { kind: 'kfunc', name: 'bpf_dynptr_from_xdp', since: null, users: ['drop'], has: null, by: 'version' },
    { kind: 'helper', name: 'bpf_ringbuf_reserve', since: '5.8', users: ['count'], has: false, by: 'version' },
  ],
}

describe('what bpf feature prints', () => {
  it.each([80, 120])('fits a terminal of %i columns', async columns => {
    await expectGolden(golden(`feature-${columns}`), columns, io => printFeatures(features, io))
    await expectGolden(golden(`against-${columns}`), columns, io => printAgainst(against, io))
  })

  it('says so when there is no configuration to read', () =>
    expectGolden(golden('no-kconfig'), undefined, io => printFeatures({ ...features, kconfig: null, helpers: null }, io)))
})
