import { describe, expect, it } from 'vitest'
import { bpftoolLink } from './bpftool'
import type { LinkFacts } from './facts'

const link: Pick<LinkFacts, 'id' | 'progId' | 'programName' | 'where' | 'pinned' | 'pids'> = {
  id: 3,
  progId: 9,
  programName: 'on_event',
  where: 'somewhere',
  pinned: [],
  pids: [],
}

describe('links in the JSON of bpftool', () => {
  it.each<[string, Readonly<Record<string, unknown>>, Readonly<Record<string, unknown>>]>([
    ['raw_tracepoint', { name: 'sys_enter', cookie: 7n }, { tp_name: 'sys_enter', cookie: 7 }],
    [
      'tracing',
      { attachType: 'trace_fentry', targetObjId: 1, targetBtfId: 42, cookie: 0n },
      { prog_type: 'tracing', attach_type: 'trace_fentry', target_obj_id: 1, target_btf_id: 42, cookie: 0 },
    ],
    [
      'tracing',
      { attachType: 'lsm_mac', targetObjId: 1, targetBtfId: 42, cookie: 0n },
      { prog_type: 'lsm', attach_type: 'lsm_mac', target_obj_id: 1, target_btf_id: 42, cookie: 0 },
    ],
    ['cgroup', { cgroupId: 77n, attachType: 'cgroup_device' }, { cgroup_id: 77, attach_type: 'cgroup_device' }],
    ['iter', { target: 'bpf_map_elem', mapId: 5, cgroupOrTask: 0n, order: 0 }, { target_name: 'bpf_map_elem', map_id: 5 }],
    ['iter', { target: 'task', mapId: 0, cgroupOrTask: 0n, order: 0 }, { target_name: 'task' }],
    [
      'iter',
      { target: 'cgroup', mapId: 0, cgroupOrTask: 77n, order: 2 },
      { target_name: 'cgroup', cgroup_id: 77, order: 'descendants_pre' },
    ],
    ['netns', { netnsIno: 4026531840, attachType: 'sk_lookup' }, { netns_ino: 4026531840, attach_type: 'sk_lookup' }],
    ['netfilter', { pf: 2, hook: 1, priority: -100, flags: 0 }, { pf: 2, hook: 1, prio: -100, flags: 0 }],
    ['xdp', { ifindex: 2, where: 'XDP of eth0' }, { devname: 'eth0', ifindex: 2 }],
    ['xdp', { ifindex: 0, where: 'XDP of an interface that is gone' }, { devname: '(detached)', ifindex: 0 }],
    [
      'tcx',
      { ifindex: 2, where: 'tc ingress of interface 2 of another network namespace', attachType: 'tcx_ingress' },
      { devname: '(unknown)', ifindex: 2, attach_type: 'tcx_ingress' },
    ],
    ['struct_ops', { mapId: 5 }, { map_id: 5 }],
    [
      'kprobe_multi',
      { count: 2, flags: 1, missed: 3n, addresses: [16n, 32n], cookies: [1n, 2n] },
      {
        retprobe: true,
        func_cnt: 2,
        missed: 3,
        funcs: [
          { addr: 16, cookie: 1 },
          { addr: 32, cookie: 2 },
        ],
      },
    ],
    [
      'uprobe_multi',
      { path: '/bin/sh', count: 1, flags: 0, pid: 0, offsets: [16n], refCtrOffsets: [0n], cookies: [1n] },
      { retprobe: false, path: '/bin/sh', func_cnt: 1, pid: 0, funcs: [{ offset: 16, ref_ctr_offset: 0, cookie: 1 }] },
    ],
    [
      'perf_event',
      { event: 'kretprobe', function: 'vfs_read', offset: 0, address: 16n, missed: 1n, cookie: 2n },
      { retprobe: true, addr: 16, func: 'vfs_read', offset: 0, missed: 1, cookie: 2 },
    ],
    [
      'perf_event',
      { event: 'uprobe', path: '/bin/sh', offset: 16, refCtrOffset: 0n, cookie: 2n },
      { retprobe: false, file: '/bin/sh', offset: 16, cookie: 2 },
    ],
    ['perf_event', { event: 'tracepoint', name: 'sched_switch', cookie: 2n }, { tracepoint: 'sched_switch', cookie: 2 }],
    ['perf_event', {}, {}],
    ['type of tomorrow', { whatever: 1 }, {}],
  ])('%s', (type, facts, fields) => {
    expect(bpftoolLink({ ...link, type, ...facts })).toEqual({ id: 3, type, prog_id: 9, ...fields })
  })
})
