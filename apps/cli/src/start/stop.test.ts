import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createStop } from './stop'

const day = 24 * 3_600_000

describe('when to stop', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }))
  afterEach(() => void vi.useRealTimers())

  it.each([5000, 30 * day, 100 * day])('is after as long as was asked for: %i ms', duration => {
    using stop = createStop(duration)
    stop.start()
    vi.advanceTimersByTime(duration - 1)
    expect(stop.controller.signal.aborted).toBe(false)
    vi.advanceTimersByTime(1)
    expect(stop.controller.signal.aborted).toBe(true)
  })

  it('is never otherwise: something keeps the process alive, however long', () => {
    const stop = createStop(undefined)
    stop.start()
    for (let month = 0; month < 12; month++) {
      vi.advanceTimersByTime(30 * day)
      expect([stop.controller.signal.aborted, vi.getTimerCount()]).toEqual([false, 1])
    }
    stop[Symbol.dispose]()
    expect(vi.getTimerCount()).toBe(0)
  })
})
