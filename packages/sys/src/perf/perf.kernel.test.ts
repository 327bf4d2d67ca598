import { failOnLeaks } from '@bpf/fixtures/leaks'
import { describe, expect, it } from 'vitest'
import { ids } from '../bpf/ids'
import { linkCreate } from '../bpf/link'
import { getLinkInfo } from '../bpf/link-info'
import { AttachType } from '../constants/attach-type'
import { ProgType } from '../constants/program-type'
import { readFd } from '../file'
import { mapMemory, Prot } from '../memory'
import { createSys } from '../sys'
import { minimalProgram } from '../testing/programs'
import { PerfSample, PerfSoftware, PerfType } from './perf-attr'
import { perfEventDisable, perfEventEnable, perfEventOpen, perfEventPauseOutput, perfEventSetBpf } from './perf-event'

const leaks = failOnLeaks(kind => ids(createSys(), kind))
const sys = createSys({ trace: leaks.trace })

function burn(): void {
  const end = performance.now() + 20
  while (performance.now() < end);
}

describe('perf events', () => {
  it('count', () => {
    using event = perfEventOpen(sys, { type: PerfType.Software, config: PerfSoftware.TaskClock, set: ['disabled'], pid: 0, cpu: -1 })
    const count = new BigUint64Array(1)
    const read = () => {
      expect(readFd(sys, event.fd, count)).toBe(8)
      return count[0] ?? 0n
    }
    burn()
    expect(read()).toBe(0n)
    perfEventEnable(sys, event.fd)
    burn()
    perfEventDisable(sys, event.fd)
    const counted = read()
    expect(counted).toBeGreaterThan(1_000_000n)
    burn()
    expect(read()).toBe(counted)
  })

  it('write samples into a ring', () => {
    using event = perfEventOpen(sys, {
      type: PerfType.Software,
      config: PerfSoftware.CpuClock,
      samplePeriod: 1_000_000,
      sampleType: PerfSample.Tid,
      wakeupEvents: 1,
      pid: 0,
      cpu: -1,
    })
    using ring = mapMemory(sys, { fd: event.fd, length: 2 * sys.native.pageSize, prot: Prot.Read | Prot.Write })
    burn()
    // struct perf_event_mmap_page: data_head at 1024.
    expect(new BigUint64Array(ring.buffer, 1024, 1)[0]).toBeGreaterThan(0n)
    perfEventPauseOutput(sys, event.fd, true)
  })

  it('call a program, by link or by ioctl', () => {
    using program = minimalProgram(sys, ProgType.PerfEvent)
    const options = { type: PerfType.Software, config: PerfSoftware.ContextSwitches, samplePeriod: 10_000_000, pid: 0, cpu: -1 } as const
    using linkedEvent = perfEventOpen(sys, options)
    using link = linkCreate(
      sys,
      { progFd: program.fd, targetFd: linkedEvent.fd, attachType: AttachType.PerfEvent },
      { kind: 'perfEvent', cookie: 9n },
    )
    expect(getLinkInfo(sys, link.fd)).toMatchObject({
      kind: 'perfEvent',
      event: 'event',
      eventType: PerfType.Software,
      config: BigInt(PerfSoftware.ContextSwitches),
      cookie: 9n,
    })
    using event = perfEventOpen(sys, options)
    perfEventSetBpf(sys, event.fd, program.fd)
  })

  it('say what was asked when they are refused', () => {
    expect(() => perfEventOpen(sys, { type: 99, config: 7, pid: -1, cpu: -1 })).toThrow(
      /perf_event_open failed with E\w+ .*type=99.*config=7/,
    )
  })
})
