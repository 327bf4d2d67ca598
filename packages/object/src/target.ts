import type { Btf } from '@bpf/btf'

/**
 * The kernel that a plan is for. The running one, or any other described by files: planning calls nothing else.
 * Every answer is synchronous and may be lazy; `undefined` means "not known", which a plan reports instead of guessing.
 */
export interface Target {
  /** Shown in messages: `6.18.44 (this kernel)`, `/tmp/btf/5.10`. */
  readonly description: string
  readonly littleEndian: boolean
  /** Possible CPUs; sizes per-CPU arrays of events. */
  readonly possibleCpus: number
  /** Bytes; ring buffers are rounded up to it. */
  readonly pageSize: number
  /** KERNEL_VERSION(a, b, c) as the kernel checks it. */
  readonly kernelVersion: number
  vmlinuxBtf(): Btf | undefined
  /** Names of loaded modules that have BTF. */
  moduleNames(): readonly string[]
  /** Split BTF on top of `vmlinuxBtf()`; undefined when absent or broken. */
  moduleBtf(module: string): Btf | undefined
  /**
   * Types to relocate CO-RE records against, where those are not the kernel's own: BTF made for it, such as a minimised one. What the
   * kernel is told by type id (hooks, kernel functions and variables) is always looked up above.
   */
  readonly coreTypes?: TargetTypes | undefined
  /** The kernel's symbols as of now: a plan asks for them once, since modules come and go. */
  kallsyms(): KernelSymbols
  /** Value of a `CONFIG_` option as in .config: `y`, `m`, `"text"`, `17`; undefined when it is not set. */
  kconfig(name: string): string | undefined
  /** Three-valued: undefined when it cannot be told. */
  has(feature: TargetFeature): boolean | undefined
}

/** What a target knows of types. */
export type TargetTypes = Pick<Target, 'vmlinuxBtf' | 'moduleNames' | 'moduleBtf'>

export interface KernelSymbols {
  /** `restricted` when the kernel hides addresses, `ambiguous` when several symbols have that name. */
  address(name: string): bigint | 'restricted' | 'ambiguous' | undefined
  /** All of them, for hints; none where they are not known. */
  names(): Iterable<string>
}

/** Kernel abilities that change what a plan contains. */
export type TargetFeature =
  | 'programName'
  | 'globalData'
  | 'btf'
  | 'btfFunc'
  | 'btfGlobalFunc'
  | 'btfDatasec'
  | 'btfFloat'
  | 'btfDeclTag'
  | 'btfTypeTag'
  | 'btfEnum64'
  | 'btfQuestionMarkDatasec'
  | 'btfLayout'
  | 'arrayMmap'
  | 'expectedAttachType'
  | 'probeReadKernel'
  | 'bpfCookie'
  | 'syscallWrapper'
  | 'kprobeMulti'
  | 'uprobeMulti'
  | 'argCtxTag'
  | 'largeMapValueOffset'
