import { setTimeout } from 'node:timers/promises'
import { listPrograms, startStatistics } from '@bpf/kernel'
import { ExitCode, type Io, liveRegion, parseCount, parseDuration, roomOf, toJson, UsageError } from '@bpf/terminal'
import { withKernel } from '../context'
import { createStop } from '../start/stop'
import { Activity, sortRows, type TopRow } from './activity'
import type { SortKey } from './sort-keys'
import { tableOf } from './table'

interface Invocation {
  readonly options: {
    readonly sort: string | undefined
    readonly filter: string | undefined
    readonly interval: string | undefined
    readonly count: string | undefined
    readonly all: boolean
    readonly json: boolean
  }
  readonly io: Io
}

/** Milliseconds. Below, looking would be most of what there is to see. */
const shortest = 10

/** Looks at all programs again and again. The kernel times them only as long as this runs. */
export function runTop({ options, io }: Invocation): Promise<number> {
  const interval = parseDuration(options.interval ?? '1s', 'interval')
  if (interval < shortest) throw new UsageError(`--interval ${options.interval}: too short to look in between`, `at least ${shortest}ms`)
  const looks = options.count === undefined ? Number.POSITIVE_INFINITY : parseCount(options.count, 'count')
  return withKernel(async ({ sys }) => {
    using _statistics = startStatistics(sys)
    using stop = createStop(undefined)
    stop.start()
    const show = options.json || !io.stdoutIsTerminal ? printJson(io) : await liveTable(io)
    const { signal } = stop.controller
    const activity = new Activity()
    activity.look(performance.now(), [...listPrograms(sys)])
    for (let look = 0; look < looks; look++) {
      await setTimeout(interval, undefined, { signal }).catch(() => {})
      if (signal.aborted) break
      show(chosen(activity.look(performance.now(), [...listPrograms(sys)]), options))
    }
    return ExitCode.Ok
  })
}

function chosen(rows: readonly TopRow[], { sort = 'cpu', filter = '', all }: Invocation['options']): TopRow[] {
  const wanted = rows.filter(({ name, type, runsPerSecond, missed }) => {
    const ran = all || runsPerSecond > 0 || missed > 0
    return ran && (name.includes(filter) || type.includes(filter))
  })
  return sortRows(wanted, sort as SortKey)
}

type Show = (rows: readonly TopRow[]) => void

function printJson(io: Io): Show {
  return rows => io.out(toJson({ time: new Date().toISOString(), programs: rows.map(({ history: _, ...row }) => row) }))
}

/** Drawn over itself; as many programs as fit. */
async function liveTable(io: Io): Promise<Show> {
  const { draw } = await liveRegion(process.stdout)
  const margin = 3
  return rows => {
    const lines = tableOf(rows.slice(0, Math.max(5, (process.stdout.rows ?? 24) - margin)), roomOf(io))
    const [header = '', ...rest] = lines
    draw([io.style('bold', header), ...(rest.length > 0 ? rest : ['no program has run'])].join('\n'))
  }
}
