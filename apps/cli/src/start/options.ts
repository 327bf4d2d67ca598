import type { OptionValues } from '@bpf/terminal'
import { parseDuration, UsageError } from '@bpf/terminal'

/** The options of `bpf start`, checked. */
export interface StartOptions {
  readonly variables: readonly { readonly name: string; readonly value: string }[]
  /** Milliseconds. */
  readonly duration: number | undefined
  /** Events after which to stop. */
  readonly count: number
  readonly only: readonly string[]
  readonly maps: boolean
  readonly trace: boolean
  readonly json: boolean
  readonly dryRun: boolean
  readonly syscalls: boolean
}

export type RawStartOptions = OptionValues<{
  set: { type: 'string'; multiple: true; description: string }
  for: { type: 'string'; description: string }
  count: { type: 'string'; description: string }
  only: { type: 'string'; multiple: true; description: string }
  maps: { type: 'boolean'; description: string }
  trace: { type: 'boolean'; description: string }
  json: { type: 'boolean'; description: string }
  'dry-run': { type: 'boolean'; description: string }
  syscalls: { type: 'boolean'; description: string }
}>

export function parseStartOptions(raw: RawStartOptions, stdoutIsTerminal: boolean): StartOptions {
  return {
    variables: raw.set.map(parseAssignment),
    duration: raw.for === undefined ? undefined : parseDuration(raw.for, 'for'),
    count: raw.count === undefined ? Number.POSITIVE_INFINITY : parseCount(raw.count),
    only: raw.only,
    maps: raw.maps,
    trace: raw.trace,
    json: raw.json || !stdoutIsTerminal,
    dryRun: raw['dry-run'],
    syscalls: raw.syscalls,
  }
}

function parseAssignment(text: string): { name: string; value: string } {
  const equals = text.indexOf('=')
  if (equals <= 0) throw new UsageError(`--set ${text}: expected VAR=VALUE`)
  return { name: text.slice(0, equals), value: text.slice(equals + 1) }
}

function parseCount(text: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw new UsageError(`--count ${text}: expected a positive number`)
  return Number(text)
}
