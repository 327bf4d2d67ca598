import { afterEach, describe, expect, it, vi } from 'vitest'
import type { ArchName } from './arch'
import { EpollEvent } from './epoll'
import { Errno } from './errno'
import type { Fd } from './owned-fd'
import { createSys } from './sys'
import { FakeNative } from './testing/fake-native'

const fd = (number: number) => number as Fd
const control = { 1: 'add', 2: 'del', 3: 'mod' } as Record<number, string>

/** An epoll set made of plain arrays: `fire` says which descriptors are ready. */
function setup({ arch = 'x64', watched = true }: { arch?: ArchName; watched?: boolean } = {}) {
  const members = new Map<number, number>()
  const log: string[] = []
  let pending: { fd: number; events: number }[] = []
  let wake: (() => void) | undefined
  const watch = (epoll: number, onReady: () => void) => {
    log.push(`watch ${epoll}`)
    wake = onReady
    return { ref: () => log.push('ref'), unref: () => log.push('unref'), close: () => log.push('unwatch') }
  }
  const native = new FakeNative(
    ({ name, args }) => {
      const { size, data } = native.arch.epollEvent
      if (name === 'epoll_create1') return 50
      if (name === 'close') log.push(`close ${args[0]}`)
      if (name === 'epoll_ctl') {
        const [, operation, member, event] = args as [number, number, number, DataView]
        log.push(`${control[operation]} ${member}`)
        if (member === 99) return { errno: Errno.EPERM }
        if (operation === 2) members.delete(member)
        else members.set(member, event.getUint32(data, true))
      }
      if (name !== 'epoll_pwait') return 0
      const events = args[1] as DataView
      pending.forEach(({ fd: member, events: bits }, i) => {
        events.setUint32(i * size, bits, true)
        events.setUint32(i * size + data, members.get(member) ?? 0, true)
      })
      const count = pending.length
      pending = []
      return count
    },
    { arch, watch: watched ? watch : undefined },
  )
  const { reactor } = createSys({ native })
  const fire = (...ready: number[]) => {
    pending = ready.map(member => ({ fd: member, events: EpollEvent.In }))
    wake?.()
  }
  const fail = (member: number) => {
    pending = [{ fd: member, events: EpollEvent.In | EpollEvent.Err }]
    wake?.()
  }
  return { reactor, log, fire, fail, ready: (member: number) => pending.push({ fd: member, events: EpollEvent.In }) }
}

describe('Reactor', () => {
  it.each(['x64', 'arm64'] as const)('calls the source that is ready (%s)', arch => {
    const { reactor, fire } = setup({ arch })
    const called: number[] = []
    reactor.add(fd(10), () => called.push(10))
    reactor.add(fd(11), () => called.push(11))
    fire(11)
    fire(10, 11)
    expect(called).toEqual([11, 10, 11])
  })

  it('exists from the first source to the last, and closes in the right order', () => {
    const { reactor, log } = setup()
    const a = reactor.add(fd(10), () => {})
    const b = reactor.add(fd(11), () => {})
    a.close()
    a.close()
    b.close()
    expect(log.filter(line => !/ref/.test(line))).toEqual(['watch 50', 'add 10', 'add 11', 'del 10', 'del 11', 'unwatch', 'close 50'])
    expect(reactor.size).toBe(0)
  })

  it('keeps the process alive only for sources that ask for it', () => {
    const { reactor, log } = setup()
    const last = () => log.filter(line => /^(un)?ref$/.test(line)).at(-1)
    reactor.add(fd(10), () => {})
    expect(last()).toBe('unref')
    const asking = reactor.add(fd(11), () => {}, { ref: true })
    expect(last()).toBe('ref')
    asking.unref()
    expect(last()).toBe('unref')
    asking.ref()
    expect(last()).toBe('ref')
    asking.close()
    expect(last()).toBe('unref')
  })

  it('does not call a source that an earlier callback closed or paused', () => {
    const { reactor, fire } = setup()
    const called: string[] = []
    reactor.add(fd(10), () => {
      called.push('a')
      b.close()
      c.pause()
    })
    const b = reactor.add(fd(11), () => called.push('b'))
    const c = reactor.add(fd(12), () => called.push('c'))
    fire(10, 11, 12)
    expect(called).toEqual(['a'])
    c.resume()
    fire(12)
    expect(called).toEqual(['a', 'c'])
  })

  it('pauses a source that is in error, having told it', () => {
    const { reactor, fail, log } = setup()
    const seen: number[] = []
    const source = reactor.add(fd(10), events => seen.push(events))
    fail(10)
    expect(seen).toEqual([EpollEvent.In | EpollEvent.Err])
    expect(log.at(-1)).toBe('del 10')
    source.resume()
    expect(log.at(-1)).toBe('add 10')
  })

  it('calls a source that asks for it on every wake-up, once, with the events if there are any', async () => {
    const { reactor, fire } = setup()
    const seen: number[] = []
    reactor.add(fd(10), () => {})
    const source = reactor.add(fd(11), events => seen.push(events), { everyWake: true })
    fire(10)
    fire()
    fire(11)
    expect(seen).toEqual([0, 0, EpollEvent.In])
    await expect.poll(() => seen).toEqual([0, 0, EpollEvent.In, 0])
    source.pause()
    fire(10)
    expect(seen).toHaveLength(4)
  })

  it('calls the others though one throws: they are told once', () => {
    const { reactor, fire } = setup()
    const called: number[] = []
    reactor.add(fd(10), () => {
      throw new Error('consumer bug')
    })
    reactor.add(fd(11), () => called.push(11))
    expect(() => fire(10, 11)).toThrow('consumer bug')
    expect(called).toEqual([11])
  })

  it('survives the last source closing itself in its callback', () => {
    const { reactor, fire, log } = setup()
    const source = reactor.add(fd(10), () => source.close())
    fire(10)
    expect(log).toContain('close 50')
    expect(() => source.resume()).toThrow('event source is closed')
  })

  it('takes back a source that the kernel refuses', () => {
    const { reactor, log } = setup()
    expect(() => reactor.add(fd(99), () => {})).toThrow(/EPOLL_CTL_ADD failed with EPERM/)
    expect(reactor.size).toBe(0)
    expect(log.at(-1)).toBe('close 50')
  })
})

describe('without a handle from the runtime', () => {
  afterEach(() => {
    vi.useRealTimers()
  })

  it('looks often while there is traffic and ever less while there is none', () => {
    vi.useFakeTimers()
    const { reactor, ready } = setup({ watched: false })
    let called = 0
    const source = reactor.add(fd(10), () => called++)
    ready(10)
    vi.advanceTimersByTime(1)
    expect(called).toBe(1)
    vi.advanceTimersByTime(200)
    ready(10)
    vi.advanceTimersByTime(31)
    const before = called
    vi.advanceTimersByTime(1)
    expect([before, called].at(-1)).toBe(2)
    source.close()
    expect(vi.getTimerCount()).toBe(0)
  })
})
