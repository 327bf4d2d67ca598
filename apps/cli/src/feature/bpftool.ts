import type { Kernel, Settings } from '@bpf/kernel'
import { MapType, snakeCase } from '@bpf/sys'
import { helperNamesOf, programTypes } from './document'
import { kconfigOptions } from './kconfig-options'

/** What `bpftool -j feature probe` prints. */
export interface BpftoolFeatures {
  readonly system_config: Readonly<Record<string, string | number | null>>
  readonly syscall_config: Found
  readonly program_types: Found
  readonly map_types: Found
  /** Names by program type: `xdp_available_helpers`. */
  readonly helpers: Readonly<Record<string, readonly string[]>>
  readonly misc: Found
}

type Found = Readonly<Record<string, boolean>>

/** What could not be told counts as absent. Helpers that make the kernel log a warning are tried only if `full`. */
export function bpftoolFeatures(kernel: Kernel, full: boolean): BpftoolFeatures {
  const { features } = kernel
  const mapTypes = Object.entries(MapType).filter(([name]) => name !== 'Unspec')
  return {
    system_config: {
      ...sysctls(kernel.settings()),
      ...Object.fromEntries(kconfigOptions.map(name => [name, kernel.kconfig(name) ?? null])),
    },
    syscall_config: { have_bpf_syscall: features.mapType(MapType.Array) !== false },
    program_types: Object.fromEntries(
      [...programTypes].map(([name, type]) => [`have_${name}_prog_type`, features.programType(type) === true]),
    ),
    map_types: Object.fromEntries(mapTypes.map(([name, type]) => [`have_${snakeCase(name)}_map_type`, features.mapType(type) === true])),
    helpers: Object.fromEntries(
      [...programTypes].map(([name, type]) => [`${name}_available_helpers`, helperNamesOf(features, type, full)]),
    ),
    misc: {
      have_large_insn_limit: features.has('millionInsns') === true,
      have_bounded_loops: features.has('boundedLoops') === true,
      have_v2_isa_extension: features.has('isaV2') === true,
      have_v3_isa_extension: features.has('isaV3') === true,
      have_v4_isa_extension: features.has('isaV4') === true,
    },
  }
}

/** -1 where there is no such setting. */
function sysctls({ unprivilegedBpfDisabled, jitEnable, jitHarden, jitKallsyms, jitLimit }: Settings): Record<string, number> {
  return {
    unprivileged_bpf_disabled: unprivilegedBpfDisabled ?? -1,
    bpf_jit_enable: jitEnable ?? -1,
    bpf_jit_harden: jitHarden ?? -1,
    bpf_jit_kallsyms: jitKallsyms ?? -1,
    bpf_jit_limit: jitLimit ?? -1,
  }
}
