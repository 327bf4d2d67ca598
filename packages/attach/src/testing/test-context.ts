import { readdirSync } from 'node:fs'
import { openKernel } from '@bpf/kernel'
import { createSys } from '@bpf/sys'
import type { AttachContext } from '../context'

export function testContext(): AttachContext {
  const sys = createSys()
  return { sys, kernel: openKernel(sys) }
}

/** Open descriptors of this process: the same number before and after means that nothing leaked. */
export function openDescriptors(): number {
  return readdirSync('/proc/self/fd').length
}
