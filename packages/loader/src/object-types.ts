import type { MapHandle } from '@bpf/maps'

/**
 * What a caller declares an object to contain, so that names and values are checked when compiling. Each part may be left
 * out, and then is as loose as without.
 *
 *     interface Counts {
 *       maps: { counts: MapHandle<number, bigint>; jobs: QueueMap<Job> }
 *       variables: { runs: bigint }
 *       records: { events: ExecEvent }
 *       programs: 'count_exec' | 'count_exit'
 *     }
 *     using object = open<Counts>('counts.o').load()
 *     object.map('counts').get(1) // bigint | undefined
 */
export interface ObjectTypes {
  readonly maps?: object
  readonly variables?: object
  readonly records?: object
  readonly programs?: string
}

type Part<T, Name extends keyof ObjectTypes, Loose> = T extends { readonly [N in Name]: infer Declared } ? Declared : Loose

export type MapsOf<T> = Part<T, 'maps', Record<string, MapHandle>>
export type VariablesOf<T> = Part<T, 'variables', Record<string, unknown>>
export type RecordsOf<T> = Part<T, 'records', Record<string, unknown>>
export type ProgramsOf<T> = Extract<Part<T, 'programs', string>, string>

/** Names that may be passed. */
export type NameIn<Part> = Extract<keyof Part, string>
