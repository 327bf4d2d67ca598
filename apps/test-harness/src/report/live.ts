import { liveRegion } from '@bpf/terminal'
import type { RunEvent } from '../results'

interface Progress {
  /** Scenarios to run. */
  readonly count: number
  readonly state: 'booting' | 'running' | 'done'
  readonly passed: number
  readonly failed: number
  readonly skipped: number
  /** What runs now. */
  readonly current: string
}

/** How far each kernel is, from the events so far. Pure: the view below prints it. */
export function progressAfter(before: ReadonlyMap<string, Progress>, event: RunEvent): ReadonlyMap<string, Progress> {
  const kernel = event.kind === 'result' ? event.result.kernel : event.kind === 'kernel-end' ? event.report.name : event.kernel
  const old = before.get(kernel) ?? { count: 0, state: 'booting', passed: 0, failed: 0, skipped: 0, current: '' }
  return new Map(before).set(kernel, { ...old, ...change(old, event) })
}

function change(old: Progress, event: RunEvent): Partial<Progress> {
  switch (event.kind) {
    case 'kernel-start':
      return { count: event.count }
    case 'kernel-up':
      return { state: 'running' }
    case 'scenario-start':
      return { state: 'running', current: event.scenario }
    case 'result':
      return {
        pass: { passed: old.passed + 1 },
        fail: { failed: old.failed + 1 },
        skip: { skipped: old.skipped + 1 },
      }[event.result.status]
    case 'kernel-end':
      return { state: 'done', current: '' }
    case 'note':
      return {}
  }
}

const barWidth = 20

/** One line a kernel: `6.12    ████████░░░░ 34/80  1 failed  xdp by netlink`. */
export function formatProgress(progress: ReadonlyMap<string, Progress>, columns: number): string[] {
  const width = Math.max(0, ...[...progress.keys()].map(name => name.length))
  return [...progress].map(([name, { count, state, passed, failed, skipped, current }]) => {
    const done = passed + failed + skipped
    const filled = count === 0 ? 0 : Math.min(barWidth, Math.round((done / count) * barWidth))
    const bar = '█'.repeat(filled) + '░'.repeat(barWidth - filled)
    const trouble = failed > 0 ? `  ${failed} failed` : ''
    const now = state === 'booting' ? 'booting' : current
    return `${name.padEnd(width)}  ${bar} ${done}/${count}${trouble}  ${now}`.trimEnd().slice(0, Math.max(columns, 20))
  })
}

export interface LiveView {
  readonly event: (event: RunEvent) => void
  readonly end: () => void
}

/** A region on stderr that is drawn anew with each event; gone when the run ends. */
export async function liveView(): Promise<LiveView> {
  const { draw, clear } = await liveRegion(process.stderr)
  let progress: ReadonlyMap<string, Progress> = new Map()
  return {
    event(event) {
      progress = progressAfter(progress, event)
      draw(formatProgress(progress, process.stderr.columns || 100).join('\n'))
    },
    end: clear,
  }
}
