import type { PerfRecord } from '@bpf/maps'
import { ExitCode, type Io, parseCount, parseDuration, toJson } from '@bpf/terminal'
import { withKernel } from '../context'
import { noMore, takeSelector } from '../selector'
import { createStop } from '../start/stop'
import { cellsOf } from './cells'
import { cannot, openSelectedMap } from './open'

interface Invocation {
  readonly positionals: readonly string[]
  readonly options: { readonly for: string | undefined; readonly count: string | undefined; readonly json: boolean }
  readonly io: Io
}

/** `bpf map event_pipe SELECTOR`: what programs write to a ring or perf buffer, until Ctrl-C. */
export function runMapEvents({ positionals, options, io }: Invocation): Promise<number> {
  const { selector, rest } = takeSelector(positionals, 'map', io)
  noMore(rest)
  const duration = options.for === undefined ? undefined : parseDuration(options.for, 'for')
  const count = options.count === undefined ? Number.POSITIVE_INFINITY : parseCount(options.count, 'count')
  return withKernel(async context => {
    using opened = openSelectedMap(context, selector)
    const { map } = opened
    if (map.kind !== 'ringbuf' && map.kind !== 'perfEventArray') throw cannot('listened to', opened, 'bpf map dump shows its entries')
    using stop = createStop(duration)
    const { signal } = stop.controller
    stop.start()
    using buffer = map.open()
    let events = 0
    for await (const record of buffer.records({ signal })) {
      print(record instanceof Uint8Array ? { data: record } : perfLine(record), options.json, io)
      if (++events >= count) break
    }
    return ExitCode.Ok
  })
}

interface EventLine {
  readonly cpu?: number
  readonly data?: Uint8Array
  readonly lost?: number
}

function perfLine(record: PerfRecord<Uint8Array>): EventLine {
  return record.kind === 'lost' ? { cpu: record.cpu, lost: record.count } : { cpu: record.cpu, data: record.value }
}

/** A line an event; what is in it only the program knows. */
function print(event: EventLine, json: boolean, io: Io): void {
  const cpu = event.cpu === undefined ? '' : `cpu ${event.cpu}  `
  const text = event.lost === undefined ? cellsOf('data', event.data)['data'] : `${event.lost} lost`
  io.out(json ? toJson(event) : `${cpu}${text}`)
}
