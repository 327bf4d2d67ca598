import type { PerfRecord } from '@bpf/maps'
import { ExitCode, type Io, toJson } from '@bpf/terminal'
import { withKernel } from '../context'
import { noMore, takeSelector } from '../selector'
import { createStop } from '../start/stop'
import { cellsOf } from './cells'
import { cannot, openSelectedMap } from './open'

interface Invocation {
  readonly positionals: readonly string[]
  readonly options: { readonly json: boolean }
  readonly io: Io
}

/** `bpf map event_pipe SELECTOR`: what programs write to a ring or perf buffer, until Ctrl-C. */
export function runMapEvents({ positionals, options, io }: Invocation): Promise<number> {
  const { selector, rest } = takeSelector(positionals, 'map', io)
  noMore(rest)
  return withKernel(async context => {
    using opened = openSelectedMap(context, selector)
    const { map } = opened
    if (map.kind !== 'ringbuf' && map.kind !== 'perfEventArray') throw cannot('listened to', opened, 'bpf map dump shows its entries')
    using stop = createStop(undefined)
    const { signal } = stop.controller
    stop.start()
    if (map.kind === 'ringbuf') {
      using ring = map.open()
      for await (const data of ring.records({ signal })) print({ data }, options.json, io)
    } else {
      using buffer = map.open()
      for await (const record of buffer.records({ signal })) print(perfLine(record), options.json, io)
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
