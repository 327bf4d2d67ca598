import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** `baseline.jsonl` of a corpus: what libbpf made of each object, one line an object. Numbers are the kernel's enums. */
export interface BaselineEntry {
  /** Below `objects/`. */
  readonly path: string
  readonly group: string
  readonly verdict: 'loads' | 'loads-after-map-fixups' | 'some-programs-load' | 'none-load' | 'no-programs' | 'rejected-at-open'
  /** Whether any libbpf opens it; what follows is empty if not. */
  readonly opens: boolean
  readonly open: { readonly license: string | null; readonly programs: readonly OpenProgram[]; readonly maps: readonly OpenMap[] }
  readonly load: LoadResult
  readonly alone: readonly AloneResult[]
  readonly with_map_fixups: { readonly fixes: readonly MapFix[]; readonly load: FixedLoad; readonly alone?: readonly AloneResult[] } | null
}

export interface OpenProgram {
  readonly name: string
  readonly section: string
  readonly type: number
  readonly expected_attach_type: number
  readonly autoload: boolean
  readonly insn_cnt: number
}

export interface OpenMap {
  readonly name: string
  /** Made by the loader from a data section. */
  readonly internal?: boolean
  readonly type: number
  readonly key_size: number
  readonly value_size: number
  readonly max_entries: number
  readonly flags: number
}

interface LoadResult {
  readonly ok: boolean | null
  readonly programs: readonly LoadedProgramFacts[]
  readonly maps: readonly OpenMap[]
}

export interface LoadedProgramFacts {
  readonly name: string
  readonly tag: string | null
  /** Bytes. */
  readonly xlated: number | null
}

interface AloneResult extends LoadedProgramFacts {
  readonly ok: boolean
}

interface FixedLoad {
  readonly ok: boolean
  readonly progs?: readonly (LoadedProgramFacts & { readonly loaded: boolean })[]
  readonly maps?: readonly OpenMap[]
}

export interface MapFix {
  readonly map: string
  readonly max_entries?: number
  readonly value_size?: number
  /** Give the map an array of one 4-byte value as the template of its inner maps. */
  readonly inner_array_4_4?: number
}

/** @throws Error if the directory holds no baseline. */
export function readBaseline(directory: string): BaselineEntry[] {
  const lines = readFileSync(join(directory, 'baseline.jsonl'), 'utf8').split('\n')
  return lines.filter(line => line !== '').map(line => JSON.parse(line) as BaselineEntry)
}
