import { activityBetween, fullProgramName, type ProgramActivity, startStatistics } from '@bpf/kernel'
import { type CounterReading, maxCounters, missingCounter, profileProgram } from '@bpf/loader'
import { type Fd, getProgInfo } from '@bpf/sys'
import { ExitCode, type Io, parseDuration, toJson, UsageError } from '@bpf/terminal'
import { type KernelContext, withKernel } from '../context'
import { openOne, takeSelector } from '../selector'
import { createStop } from '../start/stop'
import { bpftoolProfile, type MetricResult, type ProfileDocument } from './document'
import { type Metric, parseMetric } from './metrics'
import { printProfile } from './print'

interface ProfileOptions {
  readonly duration: string | undefined
  readonly json: boolean
  readonly 'bpftool-json': boolean
}

/** `bpf prog profile SELECTOR [duration N] METRIC…` */
export function runProgProfile(invocation: {
  readonly positionals: readonly string[]
  readonly options: ProfileOptions
  readonly io: Io
}): Promise<number> {
  const { positionals, options, io } = invocation
  const { selector, rest } = takeSelector(positionals, 'prog', io)
  const { duration, metrics } = parseWords(rest, options)
  return withKernel(async context => {
    using program = openOne(context, 'prog', selector)
    const document = await profile(context, program.fd, metrics, duration)
    if (options['bpftool-json']) io.out(toJson(bpftoolProfile(document)))
    else if (options.json) io.out(toJson(document))
    else printProfile(document, io)
    return document.metrics.some(({ value }) => value === null) ? ExitCode.Unavailable : ExitCode.Ok
  })
}

/** bpftool puts the duration before the metrics. Without metrics: what every machine can tell. */
function parseWords(words: readonly string[], options: ProfileOptions): { duration: number | undefined; metrics: readonly Metric[] } {
  const [keyword, seconds, ...others] = words
  const isKeyword = keyword === 'duration'
  if (isKeyword && seconds === undefined) throw new UsageError('duration: what follows is missing', 'duration 10')
  const text = isKeyword ? seconds : options.duration
  const names = isKeyword ? others : words
  const metrics = (names.length > 0 ? names : ['runs', 'time']).map(parseMetric)
  if (counters(metrics).length > maxCounters) throw new UsageError(`no more than ${maxCounters} counters at a time`)
  return { duration: text === undefined ? undefined : parseDuration(text, 'duration'), metrics }
}

function counters(metrics: readonly Metric[]): readonly CounterMetric[] {
  return metrics.filter(metric => metric.kind === 'counter')
}

/** Until Ctrl-C, or as long as asked. */
async function profile(context: KernelContext, fd: Fd, metrics: readonly Metric[], duration: number | undefined): Promise<ProfileDocument> {
  const { sys } = context
  const target = { fd, entry: fullProgramName(sys, fd) }
  const { available, missing } = tryCounters(context, counters(metrics))
  using profiled = available.length > 0 ? profileProgram(context, target, available) : undefined
  using _statistics = metrics.some(({ kind }) => kind === 'statistics') ? startStatistics(sys) : undefined
  using stop = createStop(duration)
  const before = getProgInfo(sys, fd)
  const start = performance.now()
  stop.start()
  await stop.requested
  const activity = activityBetween(before, getProgInfo(sys, fd))
  const seconds = (performance.now() - start) / 1000
  const counted = profiled?.read()
  const results = metrics.map(metric => {
    if (metric.kind === 'statistics') return statisticsResult(metric.name, activity)
    return counterResult(metric.name, counted?.runs ?? 0n, counted?.counters[available.indexOf(metric)], missing.get(metric))
  })
  return { id: before.id, name: target.entry, seconds, metrics: results }
}

function statisticsResult(name: 'runs' | 'time', { runs, runTime }: ProgramActivity): MetricResult {
  return { metric: name, value: name === 'runs' ? runs : runTime, runs, enabled: null, running: null, missing: null }
}

function counterResult(metric: string, runs: bigint, reading: CounterReading | undefined, problem: string | undefined): MetricResult {
  if (reading === undefined) return { metric, value: null, runs, enabled: null, running: null, missing: problem ?? null }
  return { metric, runs, ...reading, missing: null }
}

type CounterMetric = Extract<Metric, { readonly kind: 'counter' }>

/** A machine without one counter may have the others. */
function tryCounters(context: KernelContext, wanted: readonly CounterMetric[]) {
  const missing = new Map<Metric, string>()
  for (const metric of wanted) {
    const error = missingCounter(context, metric)
    if (error !== undefined) missing.set(metric, `${error.message}: ${error.hint}`)
  }
  return { available: wanted.filter(metric => !missing.has(metric)), missing }
}
