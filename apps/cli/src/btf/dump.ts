import { type Btf, type BtfType, dumpC, parseBtf } from '@bpf/btf'
import { BpfError } from '@bpf/bytes'
import { ExitCode, type Io, toJson, UsageError } from '@bpf/terminal'
import { readFileNaming } from '../object-file'
import { printOrWrite } from '../output-file'
import { btfOf } from '../target'
import { formatType } from './format-type'

interface Invocation {
  readonly positionals: readonly string[]
  readonly options: {
    readonly format: string | undefined
    readonly base: string | undefined
    readonly type: readonly string[]
    readonly output: string | undefined
  }
  readonly io: Io
}

/** `bpf btf dump id N | file FILE` */
export async function runBtfDump({ positionals: [source, value], options, io }: Invocation): Promise<number> {
  if ((source !== 'id' && source !== 'file') || value === undefined) throw new UsageError('dump which types?', 'say id N or file FILE')
  const btf = source === 'id' ? await loadedBtf(value) : fileBtf(value, options.base, io)
  const chosen = options.type.length === 0 ? undefined : options.type.flatMap(name => typesNamed(btf, name))
  printOrWrite(options.output, textOf(btf, chosen, options.format ?? 'raw'), io)
  return ExitCode.Ok
}

function textOf(btf: Btf, chosen: readonly number[] | undefined, format: string): string {
  if (format === 'c') return dumpC(btf, { ...(chosen && { roots: chosen }), guard: '__BTF_H__' })
  const types = (chosen ?? ownIds(btf)).map(id => btf.type(id))
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

/** Split BTF needs its base; of a module in the usual place that is known. @throws BtfError, BpfError */
function fileBtf(path: string, base: string | undefined, io: Io): Btf {
  const module = /^\/sys\/kernel\/btf\/(?!vmlinux$)[^/]+$/.test(path)
  const basePath = base ?? (module ? '/sys/kernel/btf/vmlinux' : undefined)
  const parsedBase = basePath === undefined ? undefined : parseBtf(btfOf(readFileNaming(basePath, io)))
  return parseBtf(btfOf(readFileNaming(path, io)), { base: parsedBase, context: path })
}

/** Only this needs a kernel. @throws UsageError, SyscallError */
async function loadedBtf(value: string): Promise<Btf> {
  if (!/^\d+$/.test(value)) throw new UsageError(`id ${value}: an id is a number`)
  const [{ withKernel }, { readLoadedBtf }] = await Promise.all([import('../context'), import('@bpf/kernel')])
  return withKernel(({ sys, kernel }) => readLoadedBtf(sys, Number(value), () => kernel.vmlinuxBtf()))
}
