import { Errno } from '@bpf/sys'
import { describe, expect, it } from 'vitest'
import { attachErrorOf } from '../testing/errors'
import { fakeContext, fakeProgram } from '../testing/fake-context'
import { attachPerfEvent } from './perf-event'

const sources = '/sys/bus/event_source/devices'
const virtual = { [`${sources}/software/type`]: '1\n', [`${sources}/breakpoint/type`]: '5\n' }
const physical = (name: string) => ({ ...virtual, [`${sources}/${name}/type`]: '4\n' })

const refused = (event: string, files: Readonly<Record<string, string>>, errno: number = Errno.ENOENT) => {
  const context = fakeContext({ files, fails: call => (call === 'perf_event_open' ? errno : 0) })
  return attachErrorOf(() => attachPerfEvent(context, fakeProgram(), { event, pid: 1 }))
}

describe('an event that the machine does not have', () => {
  it.each(['cycles', 'LLC-loads', 'r1a2'])('%s: there are no counters, and a clock stands in', event => {
    const error = refused(event, virtual)
    expect(error.message).toContain('this machine has no hardware counters')
    expect(error.hint).toBe('the event cpu-clock samples by a timer instead')
  })

  it.each(['cpu', 'cpu_core', 'armv8_pmuv3_0'])('is one of many where there are counters: %s', name => {
    expect(refused('bus-cycles', physical(name)).message).toContain('this machine has no such event')
  })

  it('may be there but not to be sampled', () => {
    const error = refused('cycles', physical('cpu'), Errno.EOPNOTSUPP)
    expect(error.message).toContain('cannot sample that event')
    expect(error.hint).toContain('cpu-clock')
  })

  it('is no matter of counters when the kernel counts it', () => {
    const error = refused('cgroup-switches', virtual)
    expect(error.message).toContain('this machine has no such event')
    expect(error.hint).toBeUndefined()
  })
})
