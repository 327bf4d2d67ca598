import { readFileSync } from 'node:fs'
import { attachTracingMulti } from '@bpf/attach'
import type { Scenario } from '../scenario/types'

const openAFile = () => void readFileSync('/proc/self/comm')

const multi = (name: string, program: string, more: Partial<Scenario> = {}): Scenario => ({
  name,
  family: 'tracing.multi',
  object: 'tracing-multi.o',
  programs: [program],
  requires: { features: ['tracing multi'] },
  stimulate: openAFile,
  ...more,
})

/** One program on many functions of the kernel. */
export const tracingMultiScenarios: readonly Scenario[] = [
  multi('fentry.multi', 'on_entry'),
  multi('fexit.multi, functions by glob', 'on_exit'),
  multi('fsession.multi', 'on_session'),
  multi('fentry.multi with a cookie for each function', 'on_entry', {
    attach: t =>
      attachTracingMulti(t.attachContext, t.program('on_entry'), {
        symbol: ['do_sys_openat2', 'ksys_read'],
        cookie: name => (name === 'ksys_read' ? 2n : 1n),
      }),
    check(t) {
      if (t.read('cookies') !== 3n) throw new Error(`the cookies add up to ${t.read('cookies')}, expected 3`)
    },
  }),
]
