import type { Btf } from '@bpf/btf'
import type { Target, TargetFeature } from '../target'

export interface TestTargetOptions {
  readonly modules?: Readonly<Record<string, Btf>>
  readonly symbols?: Readonly<Record<string, bigint | 'restricted' | 'ambiguous'>>
  readonly kconfig?: Readonly<Record<string, string>>
  readonly features?: Partial<Readonly<Record<TargetFeature, boolean | undefined>>>
  readonly littleEndian?: boolean
  readonly possibleCpus?: number
  readonly kernelVersion?: number
}

/** A kernel that has every feature unless told otherwise, and of BTF and symbols only what is given. */
export function testTarget(vmlinux: Btf | undefined, options: TestTargetOptions = {}): Target {
  const { modules = {}, symbols = {}, kconfig = {}, features = {} } = options
  return {
    description: 'the test kernel',
    littleEndian: options.littleEndian ?? true,
    possibleCpus: options.possibleCpus ?? 4,
    pageSize: 4096,
    kernelVersion: options.kernelVersion ?? 0x060c1e,
    vmlinuxBtf: () => vmlinux,
    moduleNames: () => Object.keys(modules),
    moduleBtf: name => modules[name],
    kallsyms: () => ({ address: name => symbols[name], names: () => Object.keys(symbols) }),
    kconfig: name => kconfig[name],
    has: feature => (feature in features ? features[feature] : true),
  }
}
