import { AttachType, createSys, Errno, LinkType, MapFlag, MapType, ProgType } from '@bpf/sys'
import { describe, expect, it } from 'vitest'
import { FakeKernel } from '../testing/fake-kernel'
import { Features, kernelFeatures } from './features'
import { judge, judgeFailure } from './probe'

/** A kernel that refuses every bpf(2) with one error number, and counts. */
function refusing(errno: number) {
  const native = new FakeKernel(errno)
  const sys = createSys({ native, readText: () => undefined })
  const context = { sys, kernelVersion: 0, hasSymbol: () => undefined, btfFunction: () => undefined, enumerator: () => undefined }
  return { features: new Features(context), calls: () => native.calls }
}

describe('a verdict', () => {
  it('is yes, no, or could not tell', () => {
    expect([0, Errno.EINVAL, Errno.E2BIG, Errno.EPERM, Errno.ENOMEM].map(errno => judge(errno))).toEqual([
      true,
      false,
      false,
      undefined,
      undefined,
    ])
    expect(judgeFailure(Errno.EBADF, Errno.EBADF)).toBe(true)
    expect(judgeFailure(Errno.EINVAL, Errno.EBADF)).toBe(false)
    expect(judgeFailure(Errno.EPERM, Errno.EBADF)).toBeUndefined()
  })
})

describe('Features', () => {
  it('remembers a no', () => {
    const { features, calls } = refusing(Errno.EINVAL)
    expect([features.has('btf'), features.has('btf')]).toEqual([false, false])
    expect(calls()).toBe(1)
  })

  it('asks again when it could not tell', () => {
    const { features, calls } = refusing(Errno.EPERM)
    expect([features.has('btf'), features.has('btf')]).toEqual([undefined, undefined])
    expect(calls()).toBe(2)
  })

  it.each(['EPERM', 'EMFILE', 'ENOMEM'] as const)(
    'tells nothing of any feature where everything fails with %s, and does not throw',
    name => {
      const { features } = refusing(Errno[name])
      const told = (ask: (number: number) => boolean | undefined, table: Readonly<Record<string, number>>) =>
        Object.entries(table).filter(([, number]) => number !== 0 && ask(number) !== undefined)
      expect(kernelFeatures.filter(feature => features.has(feature) !== undefined)).toEqual([])
      expect(told(type => features.programType(type), ProgType)).toEqual([])
      expect(told(type => features.helper(type, 1), ProgType)).toEqual([])
      expect(told(type => features.mapType(type), MapType)).toEqual([])
      expect(told(flag => features.mapFlag(flag), MapFlag)).toEqual([])
      expect(told(type => features.attachType(type), AttachType)).toEqual([])
      expect(told(type => features.linkType(type), LinkType)).toEqual([])
    },
  )
})
