import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { attachKprobe, attachUprobe, type Link } from '@bpf/attach'
import { type Context, findLeftovers } from '@bpf/loader'
import type { Scenario, ScenarioContext } from '../scenario/types'

/** Points of a victim's life at which it is killed, evenly over its system calls, and its end. Each costs the start of a Node: emulated kernels share them. */
const deaths = 2

/** A directory of notes for the victims of a scenario, gone at its end. */
export function runDirectoryOf(t: ScenarioContext): string {
  const runDirectory = mkdtempSync(join(tmpdir(), 'bpf-test-'))
  t.defer(() => rmSync(runDirectory, { recursive: true }))
  return runDirectory
}

/** Kills victims at one point after the other; `afterwards` asserts what must hold each time, and gets the point for its messages. */
export async function killAtEveryPoint(
  t: ScenarioContext,
  order: unknown,
  afterwards: (point: string) => void | Promise<void>,
): Promise<void> {
  const { calls = 0 } = t.kill(order)
  await afterwards('at its end')
  const step = Math.max(1, Math.floor(calls / (deaths + 1)))
  const points = Array.from({ length: Math.ceil(calls / step) - 1 }, (_, index) => (index + 1) * step)
  for (const after of t.share(points)) {
    t.kill(order, after)
    await afterwards(`after ${after} of ${calls} system calls`)
  }
}

/** Removes what is left over, and asserts that nothing is left then, no note either. */
export function removeLeftovers(context: Context, point: string): void {
  for (const { remove } of findLeftovers(context)) remove()
  const left = findLeftovers(context)
  if (left.length > 0) throw new Error(`${point}: ${left.map(({ description }) => description).join(', ')} cannot be removed`)
  const notes = context.runDirectory === undefined ? [] : readdirSync(context.runDirectory)
  if (notes.length > 0) throw new Error(`${point}: a note is left: ${notes.join(', ')}`)
}

/** Events of ours, whosever they are. */
const definedEvents = (file: string) => [
  ...readFileSync(join('/sys/kernel/tracing', file), 'utf8')
    .split('\n')
    .filter(line => line.includes('bpfts/')),
]

const node = process.execPath

interface TracefsCase {
  readonly name: string
  readonly file: 'kprobe_events' | 'uprobe_events'
  readonly program: string
  readonly feature: 'kprobe' | 'uprobe'
  readonly attach: (context: Context, program: Parameters<typeof attachKprobe>[1]) => Link
}

const tracefsCases: readonly TracefsCase[] = [
  {
    name: 'kprobe',
    file: 'kprobe_events',
    program: 'on_kprobe',
    feature: 'kprobe',
    attach: (context, program) => attachKprobe(context, program, { symbol: 'wake_up_new_task', interfaces: ['tracefs event'] }),
  },
  {
    name: 'uprobe',
    file: 'uprobe_events',
    program: 'on_uprobe',
    feature: 'uprobe',
    attach: (context, program) => attachUprobe(context, program, { binary: node, offset: 0x1000, interfaces: ['tracefs event'] }),
  },
]

/** Probes that tracefs keeps when their process is killed. */
export const killedScenarios: readonly Scenario[] = tracefsCases.map(({ name, file, program, feature, attach }) => ({
  name: `${name} by tracefs event of a process that is killed`,
  family: 'legacy',
  object: 'every-hook.o',
  programs: [program],
  requires: { features: [feature] },
  attach: () => [],
  victim({ context, open }) {
    const loaded = open('every-hook.o').only(program).load()
    attach(context, loaded.program(program))
  },
  async check(t) {
    const context: Context = t.attachContext
    const events = definedEvents(file).length
    let left = 0
    await killAtEveryPoint(t, {}, point => {
      left = Math.max(left, definedEvents(file).length - events)
      removeLeftovers(context, point)
      if (definedEvents(file).length !== events) throw new Error(`${point}: an event is left`)
    })
    if (left !== 1) throw new Error(`a victim left ${left} events, expected 1`)
    // The next one to make such an event removes what it finds.
    t.kill({})
    const link = attach(context, t.program(program))
    const defined = definedEvents(file)
    link.close()
    if (defined.length !== events + 1) throw new Error(`the next start left the events of the dead alone: ${defined.join(', ')}`)
  },
}))
