import { readFixture } from '@bpf/fixtures'
import { failOnLeaks, type LeakAccount } from '@bpf/fixtures/leaks'
import { ids } from '@bpf/sys'
import { type Context, createContext } from '../context'
import { type BpfObject, objectName, open } from '../open'

export const isRoot = process.getuid?.() === 0

export interface KernelTest {
  readonly context: Context
  readonly leaks: LeakAccount
  /** Opens `checks/globals.o` of the fixtures. */
  openFixture(path: string): Promise<BpfObject>
}

/** For files of tests against the running kernel: every test that leaves something behind fails. */
export function kernelTest(): KernelTest {
  const leaks = failOnLeaks(kind => ids(context.sys, kind))
  const context = createContext({ trace: leaks.trace })
  return {
    context,
    leaks,
    openFixture: async path => open(await readFixture(path), { name: objectName(path), context }),
  }
}
