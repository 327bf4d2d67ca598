import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { queryTc } from '@bpf/attach'
import { objPin, ProgType } from '@bpf/sys'
import type { Scenario } from '../scenario/types'
import { counting, prepared } from './every-hook'

const cable = prepared(t => t.network())

/** What tc(8) puts into the actions of its filters. */
export const tcActionScenarios: readonly Scenario[] = [
  {
    name: "tc action, in tc's filters",
    family: 'tc action',
    requires: {
      features: ['tc action'],
      modules: ['veth', 'sch_ingress', 'cls_matchall', 'cls_u32', 'act_bpf', 'act_skbedit'],
      commands: ['ip', 'tc'],
    },
    prepare: cable.prepare,
    check(t) {
      const { near } = cable.of(t)
      const program = counting(t, { type: ProgType.SchedAct, name: 'acting' })
      const path = join(t.attachContext.kernel.ensureBpffs(), `bpf-test-${process.pid}`)
      objPin(t.attachContext.sys, program.fd, { path })
      t.defer(() => rmSync(path))
      const tc = (...args: string[]) => near.inside(() => t.run('tc', ...args))
      const filter = (...args: string[]) => tc('filter', 'add', 'dev', near.interface, 'egress', 'protocol', 'ip', ...args)
      tc('qdisc', 'add', 'dev', near.interface, 'clsact')
      filter('prio', '5', 'u32', 'match', 'u32', '0', '0', 'action', 'bpf', 'pinned', path)
      filter('prio', '6', 'matchall', 'action', 'skbedit', 'mark', '7', 'pipe', 'action', 'bpf', 'pinned', path)
      const { filters, foreign } = queryTc(t.attachContext, { interface: near.interface, netns: near.netns, direction: 'egress' })
      const seen = [
        ...foreign.flatMap(({ kind, priority, actions }) => actions.map(({ programName }) => `${kind} ${priority} ${programName}`)),
        ...filters.map(({ kind, priority, programName }) => `${kind} ${priority} ${programName}`),
      ]
      if (seen.join() !== 'u32 5 acting,matchall 6 acting') throw new Error(`the query says ${seen.join() || 'nothing'}`)
    },
  },
]
