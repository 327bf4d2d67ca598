import { type AttachSpec, parseAttachSpec } from '@bpf/attach'
import type { OptionValues } from '@bpf/terminal'
import { parseDuration, UsageError } from '@bpf/terminal'
import { type ObjectOptions, parseObjectOptions, type RawObjectOptions } from '../load/options'

/** The options of `bpf start`, checked. */
export interface StartOptions extends ObjectOptions {
  readonly targets: readonly AttachSpec[]
  /** `MAP=TYPE` */
  readonly recordTypes: readonly string[]
  /** Milliseconds. */
  readonly duration: number | undefined
  /** Events after which to stop. */
  readonly count: number
  readonly maps: boolean
  readonly trace: boolean
  readonly json: boolean
}

export type RawStartOptions = RawObjectOptions &
  OptionValues<{
    attach: { type: 'string'; multiple: true; description: string }
    type: { type: 'string'; multiple: true; description: string }
    for: { type: 'string'; description: string }
    count: { type: 'string'; description: string }
    maps: { type: 'boolean'; description: string }
    trace: { type: 'boolean'; description: string }
    json: { type: 'boolean'; description: string }
  }>

export function parseStartOptions(raw: RawStartOptions, stdoutIsTerminal: boolean): StartOptions {
  return {
    ...parseObjectOptions(raw),
    targets: raw.attach.map(parseAttachSpec),
    recordTypes: raw.type,
    duration: raw.for === undefined ? undefined : parseDuration(raw.for, 'for'),
    count: raw.count === undefined ? Number.POSITIVE_INFINITY : parseCount(raw.count),
    maps: raw.maps,
    trace: raw.trace,
    json: raw.json || !stdoutIsTerminal,
  }
}

function parseCount(text: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw new UsageError(`--count ${text}: expected a positive number`)
  return Number(text)
}
