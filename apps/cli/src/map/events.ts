import type { PerfRecord } from '@bpf/maps'
import { ExitCode, type Io, parseCount, parseDuration, toJson, UsageError } from '@bpf/terminal'
import { withKernel } from '../context'
import { takeSelector } from '../selector'
import { createStop } from '../start/stop'
import { takePairs } from '../words'
import { cellsOf } from './cells'
import { cannot, openSelectedMap } from './open'

interface Invocation {
  readonly positionals: readonly string[]
  readonly options: {
    readonly for: string | undefined
    readonly count: string | undefined
    readonly cpu: string | undefined
    readonly json: boolean
  }
  readonly io: Io
}

/** `bpf map event_pipe SELECTOR`: what programs write to a ring or perf buffer, until Ctrl-C. */
export function runMapEvents({ positionals, options, io }: Invocation): Promise<number> {
  const { selector, rest } = takeSelector(positionals, 'map', io)
  const cpu = cpuOf(rest, options.cpu)
  const duration = options.for === undefined ? undefined : parseDuration(options.for, 'for')
  const count = options.count === undefined ? Number.POSITIVE_INFINITY : parseCount(options.count, 'count')
  return withKernel(async context => {
    using opened = openSelectedMap(context, selector)
    const { map } = opened
    if (map.kind !== 'ringbuf' && map.kind !== 'perfEventArray') throw cannot('listened to', opened, 'bpf map dump shows its entries')
    using stop = createStop(duration)
    const { signal } = stop.controller
    stop.start()
    if (cpu !== undefined && map.kind === 'ringbuf') throw new UsageError('a ring buffer is one for all CPUs')
    using buffer = map.kind === 'ringbuf' ? map.open() : map.open(cpu === undefined ? {} : { cpus: [cpu] })
    let events = 0
    for await (const record of buffer.records({ signal })) {
      print(record instanceof Uint8Array ? { data: record } : perfLine(record), options.json, io)
      if (++events >= count) break
    }
    return ExitCode.Ok
  })
}

/** One CPU of a perf buffer, perhaps as bpftool has it: `cpu 0 index 0`. Programs write to the place of the CPU they run on. */
function cpuOf(words: readonly string[], option: string | undefined): number | undefined {
  let [cpu, index] = [option, option]
  takePairs(words, { cpu: value => (cpu = value), index: value => (index = value) })
  if (words.length > 0 && cpu !== index) throw new UsageError('cpu and index differ', 'the events of CPU N are at index N')
  if (cpu === undefined) return undefined
  if (!/^\d{1,5}$/.test(cpu)) throw new UsageError(`cpu ${cpu}: not a number`)
  return Number(cpu)
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
