import { type Btf, parseBtf } from '@bpf/btf'
import { type Io, UsageError } from '@bpf/terminal'
import { readFileNaming } from '../object-file'
import { btfOf } from '../target'

/** Types to dump: those of a source, narrowed to some when the words say so. */
export interface BtfSource {
  readonly btf: Btf
  readonly chosen?: readonly number[]
}

/** `id N | prog SELECTOR | map SELECTOR [key|value|kv|all] | file FILE`. @throws UsageError, BpfError */
export async function readBtfSource(operands: readonly string[], base: string | undefined, io: Io): Promise<BtfSource> {
  const [source, ...words] = operands
  if (source === 'file' && words.length === 1) return { btf: fileBtf(words[0] ?? '', base, io) }
  if (source === 'id' || source === 'prog' || source === 'map') {
    // Files are read on any system; only this needs a kernel.
    const { readKernelSource } = await import('./kernel-source')
    return readKernelSource(source, words, io)
  }
  throw new UsageError('dump which types?', 'say id N, prog SELECTOR, map SELECTOR [key|value|kv|all], or file FILE')
}

/** Split BTF needs its base; of a module in the usual place that is known. @throws BtfError, BpfError */
function fileBtf(path: string, base: string | undefined, io: Io): Btf {
  const module = /^\/sys\/kernel\/btf\/(?!vmlinux$)[^/]+$/.test(path)
  const basePath = base ?? (module ? '/sys/kernel/btf/vmlinux' : undefined)
  const parsedBase = basePath === undefined ? undefined : parseBtf(btfOf(readFileNaming(basePath, io)))
  return parseBtf(btfOf(readFileNaming(path, io)), { base: parsedBase, context: path })
}
