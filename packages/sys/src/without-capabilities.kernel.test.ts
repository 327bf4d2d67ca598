import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { createSys, hasCapability, parseProcessRights, withoutCapabilities } from './index'

const rights = () => parseProcessRights(readFileSync('/proc/thread-self/status', 'utf8')) ?? { effective: 0n, seccompFilter: false }

it('a thread does without capabilities, and has them again, also after an exception', () => {
  const sys = createSys()
  const before = rights()
  const during = withoutCapabilities(sys, ['CAP_NET_ADMIN', 'CAP_SYS_ADMIN', 'CAP_BPF'], rights)
  expect(hasCapability(during, 'CAP_BPF')).toBe(false)
  expect(during.effective).toBe(before.effective & ~((1n << 12n) | (1n << 21n) | (1n << 39n)))
  expect(rights()).toEqual(before)
  const failing = () => {
    throw new Error('failed')
  }
  expect(() => withoutCapabilities(sys, ['CAP_BPF'], failing)).toThrow('failed')
  expect(rights()).toEqual(before)
})
