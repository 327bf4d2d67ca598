import type { OptionValues } from '@bpf/terminal'
import { UsageError } from '@bpf/terminal'
import type { objectOptions } from '../object-options'
import { type MapChange, parseMapChange } from './map-change'

/** `objectOptions`, checked. */
export interface ObjectOptions {
  readonly variables: readonly { readonly name: string; readonly value: string }[]
  readonly mapChanges: readonly MapChange[]
  readonly only: readonly string[]
  readonly skip: readonly string[]
  /** File. */
  readonly btf: string | undefined
  readonly pinRoot: string | undefined
  readonly pin: string | undefined
  readonly verbose: boolean
  readonly syscalls: boolean
  readonly dryRun: boolean
}

export type RawObjectOptions = OptionValues<typeof objectOptions>

/** @throws UsageError */
export function parseObjectOptions(raw: RawObjectOptions): ObjectOptions {
  return {
    variables: raw.set.map(parseAssignment),
    mapChanges: raw.map.map(parseMapChange),
    only: raw.only,
    skip: raw.skip,
    btf: raw.btf,
    pinRoot: raw['pin-root'],
    pin: raw.pin,
    verbose: raw.verbose,
    syscalls: raw.syscalls,
    dryRun: raw['dry-run'],
  }
}

/** `VAR=VALUE`. @throws UsageError */
export function parseAssignment(text: string): { name: string; value: string } {
  const equals = text.indexOf('=')
  if (equals <= 0) throw new UsageError(`--set ${text}: expected VAR=VALUE`)
  return { name: text.slice(0, equals), value: text.slice(equals + 1) }
}
