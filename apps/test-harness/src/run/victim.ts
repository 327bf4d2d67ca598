import { spawnSync } from 'node:child_process'
import { writeSync } from 'node:fs'
import { createContext, open } from '@bpf/loader'
import type { VictimEnd } from '../scenario/types'
import type { Job } from './job'
import { type ImportModule, loadScenarios } from './load-scenarios'

/** What a process that will be killed is told, as JSON in its arguments. */
export interface VictimOrder {
  /** Which scenario of the job, as they are loaded. */
  readonly scenario: number
  /** What the scenario hands its victim. */
  readonly order: unknown
  /** System calls until it is killed; at its end unless given. */
  readonly after: number | undefined
}

/** What starts this program does for it. */
export interface Starter {
  /** Called in victims that come to their end. */
  readonly atEnd?: () => void
  readonly importModule?: ImportModule
}

/** Starts this program once more as a victim, and waits until it is dead. @throws Error if it ends in any other way */
export function killVictim(order: VictimOrder): VictimEnd {
  const [program = '', jobFile = ''] = process.argv.slice(1)
  const started = spawnSync(process.execPath, ['--enable-source-maps', program, jobFile, JSON.stringify(order)], { encoding: 'utf8' })
  if (started.signal !== 'SIGKILL') throw new Error(`the victim was not killed:\n${started.error?.message ?? started.stderr}`)
  return { calls: started.stdout === '' ? undefined : Number(started.stdout) }
}

/** Does what a scenario has for victims, until it is killed. */
export async function runVictim(job: Job, { scenario: index, order, after }: VictimOrder, { atEnd, importModule }: Starter): Promise<void> {
  const found = (await loadScenarios(job, importModule))[index]
  let calls = 0
  const trace = () => {
    if (++calls === after) process.kill(process.pid, 'SIGKILL')
  }
  const context = createContext({ trace })
  await found?.scenario.victim?.({ context, order, open: (name, inContext = context) => open(found.locate(name), { context: inContext }) })
  atEnd?.()
  writeSync(1, String(calls))
  process.kill(process.pid, 'SIGKILL')
}
