import type { Btf } from '@bpf/btf'
import { type Sys, uname } from '@bpf/sys'
import { BtfStore } from './btf-store'
import { parseCpuList } from './cpus'
import { KernelFactError } from './errors'
import { Features, type KernelFeature } from './features/features'
import { type Files, realFiles } from './files'
import { Kallsyms } from './kallsyms'
import { findKconfig, type Kconfig, readKconfig } from './kconfig'
import { kernelVersionOf } from './kernel-version'
import { ensureBpffs, ensureTracefs, findBpffs, findTracefs } from './mounts'
import { type Rights, readRights } from './rights'
import { readSettings, type Settings } from './settings'
import { btfFileFor, hasOwnBtf } from './vmlinux-btf'

export interface KernelOptions {
  /**
   * BTF to relocate CO-RE records against instead of what the system offers: a file (raw or ELF); a directory with that of many
   * kernels, as `RELEASE.btf`, which counts if this release is in it; or parsed BTF to share between kernels. It is the kernel's
   * in all else, too, if that has none.
   */
  readonly btf?: string | Btf
  /** Directory with BTF of modules. With `btf`, none unless given. */
  readonly moduleBtf?: string
  /** The .config instead of what the system offers: a file's contents, gzipped or not. */
  readonly kconfig?: string | Uint8Array
  /** Told what was skipped; a process warning unless given. */
  readonly onWarning?: (message: string) => void
  /** The files that facts are read from. */
  readonly files?: Files
}

/**
 * Facts about the running kernel. Everything is read when it is asked for, once, and synchronously. Owns no descriptor:
 * there is nothing to close.
 */
export class Kernel {
  readonly sys: Sys
  readonly files: Files
  /** `6.18.44-generic`. */
  readonly release: string
  readonly littleEndian = true
  /** What was found by trying. */
  readonly features: Features
  readonly #options: KernelOptions
  readonly #given: string | Btf | undefined
  /** What was given, else what the system offers. */
  readonly #btf: BtfStore
  #ownBtf: BtfStore | undefined
  #kernelVersion: number | undefined
  #possibleCpus: readonly number[] | undefined
  #kallsyms: { readonly symbols: Kallsyms; readonly modules: string } | undefined
  #kconfig: { readonly found: Kconfig | undefined } | undefined

  constructor(sys: Sys, options: KernelOptions = {}) {
    const { files = realFiles(sys), moduleBtf } = options
    this.sys = sys
    this.files = files
    this.release = uname(sys).release
    this.#options = options
    this.#given = typeof options.btf === 'string' ? btfFileFor(files, options.btf, this.release) : options.btf
    this.#btf = new BtfStore({ files, release: this.release, vmlinux: this.#given, modules: moduleBtf, warn: this.#warn })
    const kernel = this
    this.features = new Features({
      sys,
      get kernelVersion() {
        return kernel.kernelVersion
      },
      hasSymbol: name => this.#readableSymbols()?.has(name),
      btfFunction: name => this.vmlinuxBtf()?.find(name, 'func')?.id,
      enumerator: (enumName, name) => hasEnumerator(this.vmlinuxBtf(), enumName, name),
    })
  }

  /** `6.18.44-generic (this kernel)`. */
  get description(): string {
    return `${this.release} (this kernel)`
  }

  /** Bytes. */
  get pageSize(): number {
    return this.sys.native.pageSize
  }

  /** KERNEL_VERSION(a, b, c) as the kernel checks it. */
  get kernelVersion(): number {
    this.#kernelVersion ??= kernelVersionOf({ ...uname(this.sys), signature: this.files.text('/proc/version_signature') })
    return this.#kernelVersion
  }

  /** How many CPUs there can ever be: per-CPU values have as many parts. @throws KernelFactError without sysfs */
  get possibleCpus(): number {
    return this.possibleCpuList().length
  }

  /** The CPUs that there can ever be, in the order of the parts of per-CPU values. There may be holes. @throws KernelFactError */
  possibleCpuList(): readonly number[] {
    this.#possibleCpus ??= this.#cpus('possible')
    return this.#possibleCpus
  }

  /** The CPUs that are on now. @throws KernelFactError without sysfs */
  onlineCpus(): readonly number[] {
    return this.#cpus('online')
  }

  /** BTF of the kernel; undefined if there is none. @throws BtfError if it is damaged, KernelFactError if `btf` names no BTF */
  vmlinuxBtf(): Btf | undefined {
    return this.#own().vmlinux()
  }

  /** The file that `vmlinuxBtf()` is from. */
  get btfPath(): string | undefined {
    return this.#own().path
  }

  /** Modules that have BTF. */
  moduleNames(): readonly string[] {
    return this.#own().moduleNames()
  }

  /** Split BTF on top of `vmlinuxBtf()`; undefined if there is none, or, with a warning, if it is damaged. */
  moduleBtf(module: string): Btf | undefined {
    return this.#own().module(module)
  }

  /** The BTF that was given to relocate against, where the kernel has its own. */
  get coreTypes(): Pick<Kernel, 'vmlinuxBtf' | 'moduleNames' | 'moduleBtf'> | undefined {
    const given = this.#btf
    if (this.#own() === given) return undefined
    return { vmlinuxBtf: () => given.vmlinux(), moduleNames: () => given.moduleNames(), moduleBtf: module => given.module(module) }
  }

  /** Address of a symbol; `restricted` if the kernel hides it, `ambiguous` if several symbols have the name. */
  kernelSymbol(name: string): bigint | 'restricted' | 'ambiguous' | undefined {
    return this.kallsyms().address(name)
  }

  /** The kernel's symbols, read anew when modules came or went: whoever looks up many asks once. */
  kallsyms(): Kallsyms {
    const modules = this.#loadedModules()
    if (this.#kallsyms?.modules !== modules) this.#kallsyms = { symbols: this.readKallsyms(), modules }
    return this.#kallsyms.symbols
  }

  /** The kernel's symbols as of now: modules and programs come and go. */
  readKallsyms(): Kallsyms {
    return new Kallsyms(this.files.bytes('/proc/kallsyms') ?? new Uint8Array())
  }

  /** A `CONFIG_` option: `y`, `m`, `"text"`, `17`; undefined if it is not set, or there is no configuration to read. */
  kconfig(name: string): string | undefined {
    return this.kconfigSource()?.get(name)
  }

  /** The configuration itself; undefined when there is none to read. @throws KconfigError */
  kconfigSource(): Kconfig | undefined {
    this.#kconfig ??= { found: this.#readKconfig() }
    return this.#kconfig.found
  }

  /** Undefined when it cannot be told. */
  has(feature: KernelFeature): boolean | undefined {
    return this.features.has(feature)
  }

  /** Where tracefs is mounted; undefined when it is not. */
  tracefs(): string | undefined {
    return findTracefs(this.files)
  }

  /** Where tracefs is mounted; mounts it if it is not, for good. @throws SyscallError */
  ensureTracefs(): string {
    return ensureTracefs(this.sys, this.files)
  }

  /** Every bpf file system, the usual place first. */
  bpffs(): readonly string[] {
    return findBpffs(this.files)
  }

  /** A bpf file system at `path`, mounted there for good if there is none. @throws SyscallError */
  ensureBpffs(path?: string): string {
    return ensureBpffs(this.sys, this.files, path)
  }

  /** What this process may do, and what stands in its way. */
  rights(): Rights {
    return readRights(this.files)
  }

  /** What an administrator set. */
  settings(): Settings {
    return readSettings(this.files)
  }

  /** Types that are named to the kernel by id must be its own, whatever offsets are taken from. */
  #own(): BtfStore {
    const { files, release } = this
    if (this.#given === undefined) return this.#btf
    this.#ownBtf ??= hasOwnBtf(files)
      ? new BtfStore({ files, release, vmlinux: undefined, modules: undefined, warn: this.#warn })
      : this.#btf
    return this.#ownBtf
  }

  get #warn(): (message: string) => void {
    return this.#options.onWarning ?? warn
  }

  #cpus(which: 'possible' | 'online'): readonly number[] {
    const path = `/sys/devices/system/cpu/${which}`
    const text = this.files.text(path)
    if (text === undefined) throw new KernelFactError(`${which} CPUs`, `${path} cannot be read`, 'mount sysfs at /sys')
    return parseCpuList(text)
  }

  /** Their names and where they are, without what changes as they are used. */
  #loadedModules(): string {
    const lines = this.files.text('/proc/modules')?.split('\n') ?? []
    return lines.map(line => line.replace(/^(\S+) .*?(\S*)$/, '$1 $2')).join('\n')
  }

  #readKconfig(): Kconfig | undefined {
    const { kconfig } = this.#options
    if (kconfig === undefined) return findKconfig(this.files, this.release)
    return readKconfig(typeof kconfig === 'string' ? new TextEncoder().encode(kconfig) : kconfig, 'given configuration')
  }

  #readableSymbols(): Kallsyms | undefined {
    const symbols = this.kallsyms()
    return symbols.empty ? undefined : symbols
  }
}

function hasEnumerator(btf: Btf | undefined, enumName: string, name: string): boolean | undefined {
  const type = btf?.find(enumName, 'enum')
  return type?.values.some(value => value.name === name)
}

function warn(message: string): void {
  process.emitWarning(message, { code: 'BPF_KERNEL' })
}

/** The running kernel. */
export function openKernel(sys: Sys, options: KernelOptions = {}): Kernel {
  return new Kernel(sys, options)
}
