import { type Btf, parseBtf } from '@bpf/btf'
import { KernelFactError } from './errors'
import type { Files } from './files'
import { type BtfSource, findVmlinuxBtf, readBtfFile, sysfsBtf } from './vmlinux-btf'

export interface BtfStoreOptions {
  readonly files: Files
  readonly release: string
  /** BTF of vmlinux instead of the running kernel's: a file, raw or ELF, or parsed already. */
  readonly vmlinux: string | Btf | undefined
  /** Directory of module BTF, a file a module; with another `vmlinux`, none unless given. */
  readonly modules: string | undefined
  readonly warn: (message: string) => void
}

/** BTF of a kernel and its modules, each read when it is asked for, once; of modules, until another is loaded by that name. */
export class BtfStore {
  readonly #options: BtfStoreOptions
  readonly #moduleDirectory: string | undefined
  readonly #modules = new Map<string, { readonly version: string; readonly btf: Btf | undefined }>()
  #vmlinux: { readonly btf: Btf | undefined } | undefined
  #path: string | undefined

  constructor(options: BtfStoreOptions) {
    this.#options = options
    this.#moduleDirectory = options.modules ?? (options.vmlinux === undefined ? sysfsBtf : undefined)
  }

  /** The file that `vmlinux()` was read from; undefined for BTF that was given, or when there is none. */
  get path(): string | undefined {
    this.vmlinux()
    return this.#path
  }

  /** @throws KernelFactError if the file given has no BTF; BtfError if there is BTF, and it is damaged or of a version this package cannot read */
  vmlinux(): Btf | undefined {
    this.#vmlinux ??= { btf: this.#readVmlinux() }
    return this.#vmlinux.btf
  }

  moduleNames(): readonly string[] {
    if (this.#moduleDirectory === undefined) return []
    return this.#options.files.list(this.#moduleDirectory).filter(name => name !== 'vmlinux')
  }

  /** Undefined, with a warning, if the module's BTF is damaged: one bad module must not spoil the rest. */
  module(name: string): Btf | undefined {
    const base = this.vmlinux()
    if (base === undefined || this.#moduleDirectory === undefined || name === 'vmlinux') return undefined
    const path = `${this.#moduleDirectory}/${name}`
    const version = this.#options.files.version(path)
    if (version === undefined) return undefined
    const known = this.#modules.get(name)
    if (known?.version === version) return known.btf
    const btf = this.#readModule(name, path, base)
    this.#modules.set(name, { version, btf })
    return btf
  }

  #readVmlinux(): Btf | undefined {
    const { files, release, vmlinux } = this.#options
    if (typeof vmlinux === 'object') return vmlinux
    const source = vmlinux === undefined ? findVmlinuxBtf(files, release) : givenBtf(files, vmlinux)
    this.#path = source?.path
    return source && parseBtf(source.bytes, { context: source.path })
  }

  #readModule(name: string, path: string, base: Btf): Btf | undefined {
    try {
      const bytes = readBtfFile(this.#options.files, path)
      return bytes && parseBtf(bytes, { base, context: path })
    } catch (error) {
      this.#options.warn(`BTF of module ${name} is skipped: ${error instanceof Error ? error.message : String(error)}`)
      return undefined
    }
  }
}

function givenBtf(files: Files, path: string): BtfSource {
  const bytes = readBtfFile(files, path)
  if (bytes !== undefined) return { path, bytes }
  const problem =
    files.version(path) === undefined ? 'does not exist' : 'is neither BTF nor an ELF image with a .BTF section, or cannot be read'
  throw new KernelFactError('BTF', `${path} ${problem}`)
}
