import { type Btf, type BtfType, dumpC } from '@bpf/btf'
import { BpfError } from '@bpf/bytes'
import { ExitCode, type Io, toJson, UsageError } from '@bpf/terminal'
import { printOrWrite } from '../output-file'
import { bpftoolJson } from './bpftool'
import { formatType } from './format-type'
import { readBtfSource } from './source'

interface Invocation {
  readonly positionals: readonly string[]
  readonly options: {
    readonly format: string | undefined
    readonly base: string | undefined
    readonly type: readonly string[]
    readonly 'root-id': readonly string[]
    readonly output: string | undefined
    readonly 'bpftool-json': boolean
  }
  readonly io: Io
}

/** `bpf btf dump id N | prog SELECTOR | map SELECTOR [key|value|kv|all] | file FILE` */
export async function runBtfDump({ positionals, options, io }: Invocation): Promise<number> {
  const format = formatOf(options)
  const { btf, chosen } = await readBtfSource(positionals, options.base, io)
  const named = [...options.type.flatMap(name => typesNamed(btf, name)), ...options['root-id'].map(id => typeWithId(btf, id))]
  if (chosen !== undefined && named.length > 0) throw new UsageError('key, value and kv name the types already')
  printOrWrite(options.output, textOf(btf, chosen ?? (named.length > 0 ? named : undefined), format), io)
  return ExitCode.Ok
}

/** @throws UsageError */
function formatOf({ format, 'bpftool-json': isBpftool }: Invocation['options']): string {
  if (isBpftool && format !== undefined) throw new UsageError('--format and --bpftool-json exclude each other')
  return isBpftool ? 'bpftool' : (format ?? 'raw')
}

function textOf(btf: Btf, chosen: readonly number[] | undefined, format: string): string {
  if (format === 'c') return dumpC(btf, { ...(chosen && { roots: chosen }), guard: '__BTF_H__' })
  const ids = chosen ?? ownIds(btf)
  if (format === 'bpftool') return bpftoolJson(btf, ids)
  const types = ids.map(id => btf.type(id))
  return format === 'json' ? toJson(types) : types.map(formatType).join('\n')
}

/** Ids of the types that are not the base's. */
function ownIds(btf: Btf): number[] {
  const first = btf.base?.endId ?? 1
  return Array.from({ length: btf.endId - first }, (_, i) => first + i)
}

/** @throws BpfError if there is none */
function typesNamed(btf: Btf, name: string): readonly number[] {
  if (/^\d+$/.test(name) && Number(name) < btf.endId) return [Number(name)]
  const found: readonly BtfType['id'][] = btf.idsByName(name)
  if (found.length === 0) throw new BpfError('ERR_BPF_NOT_FOUND', `there is no type ${name}`)
  return found
}

/** @throws UsageError, BpfError if there is none */
function typeWithId(btf: Btf, id: string): number {
  if (!/^\d+$/.test(id)) throw new UsageError(`--root-id ${id}: an id is a number`)
  if (Number(id) === 0 || Number(id) >= btf.endId) throw new BpfError('ERR_BPF_NOT_FOUND', `there is no type ${id}`)
  return Number(id)
}
