import { parsePerfEvent } from '@bpf/attach'
import { missingCounter, type ProfileCounter, profileProgram } from '@bpf/loader'
import type { Scenario } from '../scenario/types'

const runs = 1000

/** Software counters are everywhere; a virtual machine need not have the processor's. */
const counters: readonly ProfileCounter[] = ['cpu-clock', 'page-faults', 'cycles', 'instructions'].flatMap(name => {
  const event = parsePerfEvent(name)
  return event === undefined ? [] : [{ name, event }]
})

export const profileScenarios: readonly Scenario[] = [
  {
    name: 'counters of a program',
    family: 'profile',
    object: 'xdp-chain.o',
    programs: ['drop_all'],
    requires: { features: ['fentry'] },
    attach: () => [],
    check(t) {
      const { attachContext: context } = t
      const present = counters.filter(counter => missingCounter(context, counter) === undefined)
      const program = t.program('drop_all')
      using profile = profileProgram(context, { fd: program.fd, entry: program.name }, present)
      program.run({ repeat: runs })
      const counted = profile.read()
      t.report({
        runs: Number(counted.runs),
        counters: present.map(({ name }, i) => ({ name, value: Number(counted.counters[i]?.value) })),
      })
      if (counted.runs !== BigInt(runs)) throw new Error(`it counted ${counted.runs} runs, expected ${runs}`)
      const silent = present.filter(({ name }, i) => name !== 'page-faults' && counted.counters[i]?.value === 0n)
      if (silent.length > 0) throw new Error(`nothing was counted of ${silent.map(({ name }) => name).join(', ')}`)
    },
  },
]
