import { deepEqual } from 'node:assert/strict'
import { progStreamRead, Stream } from '@bpf/sys'
import type { Scenario, ScenarioContext } from '../scenario/types'

/** -ENOMEM: the kernel takes pages for streams without waiting, which some machines never have. */
const noMemory = 0xffff_fff4

/** What has come since it was read last. */
function read(t: ScenarioContext, stream: number): string {
  const buffer = new Uint8Array(4096)
  const length = progStreamRead(t.attachContext.sys, { progFd: t.program('say').fd, stream, buffer })
  return new TextDecoder().decode(buffer.subarray(0, length))
}

const streams = (t: ScenarioContext) => [read(t, Stream.Stdout), read(t, Stream.Stderr)]

export const streamScenarios: readonly Scenario[] = [
  {
    name: 'text of a program',
    family: 'streams',
    object: 'streams.o',
    requires: { features: ['program streams'] },
    attach: () => [],
    check(t) {
      const { returnValue } = t.program('say').run()
      t.report({ memory: returnValue !== noMemory })
      if (returnValue === noMemory) return
      deepEqual(returnValue, 0)
      deepEqual(streams(t), ['hello from 42\n', 'no such thing number 7\n'])
      deepEqual(streams(t), ['', ''])
    },
  },
]
