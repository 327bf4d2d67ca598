import { writeFileSync } from 'node:fs'
import { attachLirc, queryLirc } from '@bpf/attach'
import type { Scenario } from '../scenario/types'
import { onHook } from './every-hook'

/** A transmitter whose own receiver hears it. */
const device = '/dev/lirc0'
/** Microseconds of light, darkness and light. */
const flash = new Uint8Array(Uint32Array.of(500, 500, 500).buffer)

export const lircScenarios: readonly Scenario[] = [
  onHook('on_lirc', {
    name: 'lirc',
    family: 'lirc',
    requires: { features: ['lirc'], modules: ['rc_loopback'] },
    attach: t => attachLirc(t.attachContext, t.program('on_lirc'), { device }),
    stimulate: () => writeFileSync(device, flash),
    check(t) {
      const names = queryLirc(t.attachContext, { device }).programs.map(({ programName }) => programName)
      if (names.join() !== 'on_lirc') throw new Error(`the query says ${names.join() || 'nothing'}`)
    },
  }),
]
