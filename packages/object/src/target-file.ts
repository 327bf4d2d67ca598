import { type Btf, parseBtf } from '@bpf/btf'
import { BpfError } from '@bpf/bytes'
import { lazy } from './lazy'
import type { Target, TargetFeature } from './target'
import { guessFeature } from './target-features'
import { symbolsOf } from './target-kallsyms'
import { parseKconfig } from './target-kconfig'

/** A kernel described by files, none of which need be of this machine. */
export interface TargetFiles {
  /** /sys/kernel/btf/vmlinux, or BTF made for that kernel; parsed BTF can be shared between targets. */
  readonly vmlinux?: Uint8Array | Btf | undefined
  /** /sys/kernel/btf/NAME of modules, by name. */
  readonly modules?: Readonly<Record<string, Uint8Array>> | undefined
  /** Text of /proc/kallsyms or of System.map. */
  readonly kallsyms?: string | undefined
  /** Text of a .config. */
  readonly kconfig?: string | undefined
  /** `6.12.30`, as `uname -r` begins. */
  readonly version: string
  readonly description?: string | undefined
  /** 1 unless given. */
  readonly possibleCpus?: number | undefined
  /** Bytes; 4096 unless given. */
  readonly pageSize?: number | undefined
  /** True unless given, or told by the BTF. */
  readonly littleEndian?: boolean | undefined
  /** What is known; the rest is inferred from BTF where that shows it, and from the version. */
  readonly features?: Partial<Readonly<Record<TargetFeature, boolean>>> | undefined
}

/** Makes a plan's target of files. BTF is parsed when it is asked for; a module whose BTF is damaged counts as one without. */
export function fileTarget(files: TargetFiles): Target {
  const kernelVersion = versionCode(files.version)
  const vmlinux = lazy(() => (files.vmlinux instanceof Uint8Array ? parseBtf(files.vmlinux, { context: 'BTF of vmlinux' }) : files.vmlinux))
  const modules = files.modules ?? {}
  const options = lazy(() => parseKconfig(files.kconfig ?? ''))
  const symbols = symbolsOf(files.kallsyms ?? '')
  const moduleBtfs = new Map<string, Btf | undefined>()
  const target: Target = {
    description: files.description ?? `Linux ${files.version}`,
    littleEndian: files.littleEndian ?? vmlinux()?.littleEndian ?? true,
    possibleCpus: files.possibleCpus ?? 1,
    pageSize: files.pageSize ?? 4096,
    kernelVersion,
    vmlinuxBtf: vmlinux,
    moduleNames: () => Object.keys(modules),
    moduleBtf(module) {
      if (!moduleBtfs.has(module)) moduleBtfs.set(module, parseModule(modules[module], vmlinux(), module))
      return moduleBtfs.get(module)
    },
    kallsyms: () => symbols,
    kconfig: name => options().get(name),
    has: feature => files.features?.[feature] ?? guessFeature(feature, target),
  }
  return target
}

function parseModule(bytes: Uint8Array | undefined, base: Btf | undefined, module: string): Btf | undefined {
  if (bytes === undefined || base === undefined) return undefined
  try {
    return parseBtf(bytes, { base, context: `BTF of module ${module}` })
  } catch (error) {
    if (error instanceof BpfError) return undefined
    throw error
  }
}

/** KERNEL_VERSION(a, b, c) of `a.b.c-anything`; the kernel itself caps `c` at 255. @throws BpfError */
export function versionCode(release: string): number {
  const [, major = '', minor = '', patch = '0'] = /^(\d{1,3})\.(\d{1,3})(?:\.(\d{1,5}))?/.exec(release) ?? []
  if (major === '') throw new BpfError('ERR_BPF_TARGET_VERSION', `"${release}" is no kernel version`, { hint: 'write it as 6.12.30' })
  return Number(major) * 0x10000 + Math.min(Number(minor), 255) * 0x100 + Math.min(Number(patch), 255)
}
