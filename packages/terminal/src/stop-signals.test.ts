import { afterEach, describe, expect, it, vi } from 'vitest'
import { onStopSignal } from './stop-signals'

afterEach(() => void vi.restoreAllMocks())

describe('a signal to stop', () => {
  it('calls back, and is listened to until it is disposed of', () => {
    const before = process.listenerCount('SIGINT')
    const stop = vi.fn()
    using signals = onStopSignal(stop)
    process.emit('SIGINT', 'SIGINT')
    expect(stop).toHaveBeenCalledTimes(1)
    expect(process.listenerCount('SIGINT')).toBe(before + 1)
    signals[Symbol.dispose]()
    expect(process.listenerCount('SIGINT')).toBe(before)
  })

  it('ends the process when it comes again; another one does not', () => {
    const kill = vi.spyOn(process, 'kill').mockReturnValue(true)
    const stop = vi.fn()
    using _ = onStopSignal(stop)
    process.emit('SIGINT', 'SIGINT')
    process.emit('SIGTERM', 'SIGTERM')
    expect(stop).toHaveBeenCalledTimes(2)
    expect(kill).not.toHaveBeenCalled()
    process.emit('SIGINT', 'SIGINT')
    expect(kill).toHaveBeenCalledExactlyOnceWith(process.pid, 'SIGINT')
  })

  it('may stand for a reader that went away, any number of times', () => {
    const kill = vi.spyOn(process, 'kill').mockReturnValue(true)
    using _ = onStopSignal(() => {})
    for (let times = 0; times < 3; times++) process.emit('SIGTERM')
    expect(kill).not.toHaveBeenCalled()
  })
})
