import type { Link } from '@bpf/attach'
import { BpfError } from '@bpf/bytes'
import type { LoadedProgram } from '@bpf/loader'
import type { MapHandle } from '@bpf/maps'
import { MapType, ProgType } from '@bpf/sys'
import type { Io } from '@bpf/terminal'
import { afterEach, beforeEach, describe, it, vi } from 'vitest'
import { createReporter } from '../load/report'
import { expectGolden } from '../testing/golden'
import { MapView, renderView } from './map-view'

const golden = (name: string, columns: number) => new URL(`golden/${name}-${columns}.txt`, import.meta.url)

/** The parts of programs and links that are reported. */
const program = (name: string, type: number) =>
  ({ name, type, info: () => ({ id: 31, tag: '3b185187f1855c4c', xlatedBytes: 736 }) }) as unknown as LoadedProgram
const link = (facts: Partial<Link>) => facts as Link

function reportAll(io: Io): void {
  const reporter = createReporter({ ...io, note: io.out })
  reporter.program(program('on_exec', ProgType.Tracepoint))
  reporter.program(program('count_all_packets_that_leave', ProgType.CgroupSkb))
  reporter.failed('on_open', 'function "do_sys_openat9" is not in the BTF of this kernel')
  reporter.link(link({ program: 'on_exec', kind: 'tracepoint', target: 'sched:sched_process_exec', interface: 'bpf link', id: 12 }))
  reporter.link(
    link({
      program: 'on_write',
      kind: 'uprobe',
      target: '/usr/lib/x86_64-linux-gnu/libcrypto.so.3:SSL_write+0x10',
      interface: 'perf_event ioctl',
      id: undefined,
    }),
  )
  reporter.skipped('on_packet', 'the section does not say where; --attach on_packet=TARGET does')
  reporter.unattached(
    'on_exit',
    new BpfError('ERR_BPF_X', 'there is no tracepoint sched:sched_process_exiit', { hint: 'did you mean sched_process_exit?' }),
  )
}

type Entries = readonly (readonly [key: unknown, value: unknown])[]

/** A map that is seen twice, a second apart. */
function twice(name: string, type: number, first: Entries, second: Entries): MapView {
  const looks = [first, second]
  const view = new MapView({ name, shape: { type }, entries: () => looks.shift() ?? [] } as unknown as MapHandle)
  vi.advanceTimersByTime(1000)
  view.refresh()
  vi.advanceTimersByTime(1000)
  view.refresh()
  return view
}

describe('what bpf start prints on a terminal', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }))
  afterEach(() => void vi.useRealTimers())

  it.each([80, 120])('of its steps: %i columns', columns => expectGolden(golden('steps', columns), columns, reportAll))

  it.each([80, 120])('of its maps: %i columns', columns => {
    const many: Entries = Array.from({ length: 25 }, (_, i) => [i, BigInt(i * i)])
    const flow = (port: number, bytes: bigint) =>
      [
        { family: 2, protocol: 6, port, cgroup: 1_048_577n },
        { packets: bytes / 100n, bytes },
      ] as const
    const views = [
      twice(
        'calls',
        MapType.Hash,
        many,
        many.map(([key, value]) => [key, (value as bigint) * 2n]),
      ),
      twice('flows', MapType.LruHash, [flow(443, 1000n), flow(80, 0n)], [flow(443, 12_345_678_900n), flow(80, 0n)]),
      twice('per_cpu', MapType.PercpuArray, [[0, [1n, 2n]]], [[0, [10n, 20n]]]),
      twice('nothing_yet', MapType.Hash, [], []),
    ]
    return expectGolden(golden('maps', columns), columns, io => {
      for (const line of views.flatMap(view => renderView(view, io))) io.out(line)
    })
  })
})
