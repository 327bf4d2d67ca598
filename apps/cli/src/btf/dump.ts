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
    readonly json: boolean
    readonly 'bpftool-json': boolean
  }
  readonly io: Io
}

/** `bpf btf dump id N | prog SELECTOR | map SELECTOR [key|value|kv|all] | file FILE` */
export async function runBtfDump({ positionals, options, io }: Invocation): Promise<number> {
  const { source, words } = takeWords(positionals)
  const print = printerOf(options, words.format)
  const { btf, chosen } = await readBtfSource(source, options.base, io)
  const rootIds = [...options['root-id'], ...words.root_id]
  const named = [...options.type.flatMap(name => typesNamed(btf, name)), ...rootIds.map(id => typeWithId(btf, id))]
  if (chosen !== undefined && named.length > 0) throw new UsageError('key, value and kv name the types already')
  printOrWrite(options.output, print(btf, chosen ?? (named.length > 0 ? named : undefined)), io)
  return ExitCode.Ok
}

/** What bpftool has behind the source: `format c`, `root_id 7`. */
function takeWords(operands: readonly string[]) {
  // Types in C are in the order of their ids, which is what `unsorted` asks for.
  const source = operands.at(-1) === 'unsorted' && operands.at(-3) === 'format' ? operands.slice(0, -1) : [...operands]
  const words = { format: [] as string[], root_id: [] as string[] }
  for (let word = source.at(-2); source.length > 2 && (word === 'format' || word === 'root_id'); word = source.at(-2)) {
    words[word].push(...source.splice(-2).slice(1))
  }
  return { source, words }
}

/** @throws UsageError */
function printerOf({ format, json, 'bpftool-json': isBpftool }: Invocation['options'], words: readonly string[]) {
  const formats = [format ?? [], words, json ? 'json' : [], isBpftool ? 'bpftool' : []].flat()
  const [only = 'raw', ...others] = formats
  if (others.length > 0) throw new UsageError(`several formats: ${formats.join(', ')}`, 'say one')
  const print = Object.hasOwn(printers, only) ? printers[only] : undefined
  if (print === undefined) throw new UsageError(`format ${only}: there is no such format`, 'one of raw, c, json')
  return print
}

/** The text of the chosen types, or of all. */
const printers: Readonly<Record<string, (btf: Btf, chosen: readonly number[] | undefined) => string>> = {
  c: (btf, roots) => dumpC(btf, { ...(roots && { roots }), guard: '__BTF_H__' }),
  raw: (btf, ids = ownIds(btf)) => ids.map(id => formatType(btf.type(id))).join('\n'),
  json: (btf, ids = ownIds(btf)) => toJson(ids.map(id => btf.type(id))),
  bpftool: (btf, ids = ownIds(btf)) => bpftoolJson(btf, ids),
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
