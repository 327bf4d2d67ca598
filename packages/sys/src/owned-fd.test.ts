import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import { ClosedError, OwnedFd } from './owned-fd'
import { createSys } from './sys'
import { FakeNative } from './testing/fake-native'

const sysWith = (native: FakeNative) => createSys({ native })
const names = (native: FakeNative) => native.calls.map(({ name, args }) => [name, args[0]])

describe('OwnedFd', () => {
  it('closes once', () => {
    const native = new FakeNative()
    const fd = new OwnedFd(sysWith(native), 7, 'thing')
    fd.close()
    fd.close()
    fd[Symbol.dispose]()
    expect(names(native)).toEqual([['close', 7]])
    expect(fd.closed).toBe(true)
    expect(() => fd.fd).toThrow(ClosedError)
    expect(() => fd.fd).toThrow('thing is closed')
  })

  it.each([0, 1, 2])('moves descriptor %i out of the way of standard streams', low => {
    const native = new FakeNative(({ name }) => (name === 'fcntl' ? 9 : 0))
    const fd = new OwnedFd(sysWith(native), low, 'thing')
    expect(fd.fd).toBe(9)
    expect(native.calls.map(({ name, args }) => [name, ...args])).toEqual([
      ['fcntl', low, 1030, 3],
      ['close', low],
    ])
  })

  it('gives the number away', () => {
    const native = new FakeNative()
    const fd = new OwnedFd(sysWith(native), 7, 'thing')
    expect(fd.release()).toBe(7)
    fd.close()
    expect(native.calls).toEqual([])
  })
})

describe('an owner that is collected unclosed', () => {
  it('earns a warning, and its descriptor stays open', async () => {
    setFlagsFromString('--expose-gc')
    const collectGarbage: () => void = runInNewContext('gc')
    const native = new FakeNative()
    const sys = sysWith(native)
    const warnings: Error[] = []
    const listen = (warning: Error) => warnings.push(warning)
    process.on('warning', listen)
    void new OwnedFd(sys, 7, 'map "lost"')
    for (let i = 0; i < 100 && warnings.length === 0; i++) {
      await new Promise(resolve => setTimeout(resolve, 5))
      collectGarbage()
    }
    process.off('warning', listen)
    expect(warnings).toEqual([expect.objectContaining({ message: 'map "lost" (descriptor 7) was never closed', code: 'BPF_FD_LEAK' })])
    expect(native.calls).toEqual([])
  })
})
