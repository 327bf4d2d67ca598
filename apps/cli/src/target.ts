import { readFileSync } from 'node:fs'
import { availableParallelism, release } from 'node:os'
import { gunzipSync } from 'node:zlib'
import { parseElf, sectionByName, sectionData } from '@bpf/elf'
import { fileTarget, type ObjectSpec, type Target } from '@bpf/object'
import { type Io, UsageError } from '@bpf/terminal'
import { readFileNaming } from './object-file'

/** The kernel that a reading command takes for the one that an object is for. */
export interface TargetOptions {
  readonly btf: string | undefined
  readonly kernel: string | undefined
}

/** Of whatever system this runs on; where there is no Linux, one of this version is assumed. */
const assumedVersion = '6.12'

export const vmlinuxFile = '/sys/kernel/btf/vmlinux'

/**
 * A kernel described by files, so that reading commands need neither rights nor Linux: BTF given with `--btf`, or that of the
 * running kernel if it can be read, or none.
 */
export function readTarget({ btf, kernel }: TargetOptions, spec: ObjectSpec, io: Io): Target {
  const isHost = btf === undefined && process.platform === 'linux'
  const version = kernel ?? (process.platform === 'linux' ? release() : assumedVersion)
  if (!/^\d{1,3}\.\d{1,3}/.test(version)) throw new UsageError(`--kernel ${version}: not a version`, 'write 6.12 or 5.15.3')
  const vmlinux = btf === undefined ? (isHost ? readIfPossible(vmlinuxFile) : undefined) : checkedBtf(readFileNaming(btf, io))
  const types = btf === undefined ? (vmlinux === undefined ? ', without its types (BTF)' : '') : `, types of ${btf}`
  return fileTarget({
    version,
    vmlinux,
    littleEndian: spec.littleEndian,
    description: `Linux ${version}${isHost && kernel === undefined ? ' (this kernel)' : ''}${types}`,
    possibleCpus: isHost ? availableParallelism() : 1,
    ...(isHost ? { kallsyms: kallsymsFor(spec), kconfig: kconfigText() } : {}),
  })
}

/** Raw BTF, or an ELF file with a `.BTF` section: a vmlinux, a module, an object. */
export function btfOf(bytes: Uint8Array): Uint8Array {
  const isElf = bytes[0] === 0x7f && bytes[1] === 0x45
  if (!isElf) return bytes
  const elf = parseElf(bytes)
  const section = sectionByName(elf, '.BTF')
  if (section === undefined) throw new UsageError('--btf: the file is ELF, but has no section .BTF')
  return sectionData(elf, section)
}

/** By the magic number, of either byte order: the rest is read only when a type is looked for, or never. */
function checkedBtf(file: Uint8Array): Uint8Array {
  const bytes = btfOf(file)
  const [first, second] = bytes
  const isBtf = (first === 0x9f && second === 0xeb) || (first === 0xeb && second === 0x9f)
  if (!isBtf) throw new UsageError('--btf: the file is neither BTF nor ELF', `name ${vmlinuxFile}, a vmlinux, or an object file`)
  return bytes
}

/** It is large, and only symbols without a type are looked up in it. */
function kallsymsFor(spec: ObjectSpec): string | undefined {
  const isNeeded = spec.externs.some(extern => extern.kind === 'ksymVariable' && !extern.typed)
  return isNeeded ? readIfPossible('/proc/kallsyms')?.toString() : undefined
}

function kconfigText(): string | undefined {
  const compressed = readIfPossible('/proc/config.gz')
  return compressed ? gunzipSync(compressed).toString() : readIfPossible(`/boot/config-${release()}`)?.toString()
}

function readIfPossible(path: string): Buffer | undefined {
  try {
    return readFileSync(path)
  } catch {
    return undefined
  }
}
