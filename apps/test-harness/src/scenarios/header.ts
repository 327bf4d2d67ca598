import { deepEqual } from 'node:assert/strict'
import { compareConstants, compareLayouts } from '@bpf/kernel/testing'
import type { Scenario } from '../scenario/types'

/** The newest kernel whose header was read. KERNEL_VERSION(7, 2, 255). */
const newestKnown = 0x0702ff

/** What kernels have under `linux/bpf.h`, by their BTF, beside what `@bpf/sys` sends them. */
export const headerScenarios: readonly Scenario[] = [
  {
    name: 'constants and layouts of bpf(2)',
    family: 'header',
    requires: { kernel: '5.10', kconfig: ['CONFIG_DEBUG_INFO_BTF'] },
    check(t) {
      const { kernel } = t.attachContext
      const btf = kernel.vmlinuxBtf()
      if (btf === undefined) throw new Error('the kernel has no BTF')
      const [constants, layouts] = [compareConstants(btf), compareLayouts(btf)]
      deepEqual(
        [...constants, ...layouts].flatMap(({ wrong }) => wrong),
        [],
      )
      const unknown = constants.flatMap(each => each.unknown)
      // What later kernels add is no failure of theirs.
      if (kernel.kernelVersion > newestKnown) t.report({ unknown })
      else deepEqual(unknown, [])
      if (kernel.kernelVersion >= 0x070200)
        deepEqual(
          layouts.filter(({ found }) => found === 0),
          [],
        )
    },
  },
]
