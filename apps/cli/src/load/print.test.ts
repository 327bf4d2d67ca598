import { readFileSync } from 'node:fs'
import { fileTarget, plan, readObject } from '@bpf/object'
import { describe, it } from 'vitest'
import { expectGolden } from '../testing/golden'
import { fixture } from '../testing/pinned-object'
import type { LoadDocument, MapRow, ProgramRow } from './document'
import { printLoad } from './print-load'
import { printPlan } from './print-plan'

const golden = (name: string, columns: number | undefined) => new URL(`golden/${name}${columns ? `-${columns}` : ''}.txt`, import.meta.url)

const map: MapRow = { name: 'events', type: 'ringbuf', keySize: 0, valueSize: 0, maxEntries: 262_144, flags: 0, id: 12 }
const program: ProgramRow = {
  name: 'on_exec',
  section: 'tracepoint/sched/sched_process_exec',
  type: 'tracepoint',
  attachType: null,
  tag: '3b185187f1855c4c',
  insns: 84,
  xlatedBytes: 736,
  verifiedInsns: 412,
  id: 31,
  error: null,
}
const failed = { ...program, tag: null, xlatedBytes: null, verifiedInsns: null, id: null }
const failure = { message: 'the verifier rejected it', summary: 'R1 invalid mem access', source: null }

const loaded: LoadDocument = {
  object: 'everything',
  license: 'Dual MIT/GPL',
  maps: [
    map,
    {
      ...map,
      name: 'connections_by_address_and_port',
      type: 'lru_percpu_hash',
      keySize: 40,
      valueSize: 4096,
      flags: 0x1410,
      id: 1_048_577,
    },
    { ...map, name: '.rodata', type: 'array', keySize: 4, valueSize: 5, maxEntries: 1, flags: 0x480, id: null },
  ],
  programs: [
    program,
    {
      ...program,
      name: 'count_all_packets_that_leave',
      section: 'cgroup_skb/egress',
      type: 'cgroup_skb',
      attachType: 'cgroup_inet_egress',
      insns: 1_000_000,
      xlatedBytes: 8_123_456,
      verifiedInsns: 987_654,
      id: 1_048_577,
    },
    { ...failed, name: 'on_open', section: 'fentry/do_sys_openat2', type: 'tracing', error: { ...failure, code: 'ERR_BPF_VERIFIER' } },
    { ...failed, name: 'on_close', section: 'fentry/no_such_function', type: 'tracing', error: { ...failure, code: 'ERR_BPF_NO_BTF' } },
  ],
}

describe('what bpf load and bpf start print', () => {
  it.each([undefined, 80, 120])('of maps and programs, on a terminal of %s columns', columns =>
    expectGolden(golden('load', columns), columns, io => printLoad(loaded, io)),
  )

  it.each([
    ['execsnoop', 'examples/execsnoop.o'],
    ['core', 'core/fields.o'],
    ['legacy', 'legacy/programs.o'],
  ])('of the plan for %s', async (name, path) => {
    const spec = readObject(readFileSync(fixture(path)), { name })
    const target = fileTarget({ version: '6.12', vmlinux: undefined, littleEndian: spec.littleEndian, description: 'Linux 6.12' })
    const planned = plan(spec, target, { keepGoing: true })
    for (const columns of [undefined, 80, 120]) await expectGolden(golden(`plan-${name}`, columns), columns, io => printPlan(planned, io))
  })
})
