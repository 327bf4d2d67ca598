import { BpfError } from '@bpf/bytes'
import { openKernel } from '@bpf/kernel'
import { createSys } from '@bpf/sys'
import { expect, it } from 'vitest'
import { attachNetns } from './netns'
import { inNetns } from './network'
import { fakeProgram } from './testing/fake-context'

const sys = createSys()
const netns = '/run/netns/no-such-namespace'

it.each<[string, () => unknown]>([
  ['an interface', () => inNetns(sys, netns, () => {})],
  ['the namespace itself', () => attachNetns({ sys, kernel: openKernel(sys) }, fakeProgram(), { netns })],
])('where there is no such network namespace, says which there are: for %s', (_, action) => {
  const message = expect.stringContaining(netns)
  expect(action).toThrow(BpfError)
  expect(action).toThrow(expect.objectContaining({ message, hint: expect.stringContaining('/proc/PID/ns/net') }))
})
