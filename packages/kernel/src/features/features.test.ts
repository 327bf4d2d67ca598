import { createSys, Errno } from '@bpf/sys'
import { describe, expect, it } from 'vitest'
import { FakeKernel } from '../testing/fake-kernel'
import { Features } from './features'
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

  it('tells nothing of any feature without rights, and does not throw', () => {
    const { features } = refusing(Errno.EPERM)
    expect([features.programType(6), features.mapType(1), features.mapType(12), features.mapType(24), features.attachType(37)]).toEqual(
      Array(5).fill(undefined),
    )
    expect([features.linkType(3), features.helper(6, 1), features.has('globalData'), features.has('progBindMap')]).toEqual(
      Array(4).fill(undefined),
    )
  })
})
