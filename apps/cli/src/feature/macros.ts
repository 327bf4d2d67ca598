import { helperNames } from '@bpf/insn'
import { noisyHelpers } from '@bpf/kernel'
import type { BpftoolFeatures } from './bpftool'

/** The one option of the kernel's configuration whose value C code wants. */
const clock = 'CONFIG_HZ'

/**
 * C macros by the names that `bpftool feature probe macros` gives them: `HAVE_XDP_PROG_TYPE`, `NO_HAVE_…` for what is absent, and
 * for each program type and helper a number that `HAVE_PROG_TYPE_HELPER(xdp, bpf_redirect)` finds.
 */
export function macroLines(
  features: BpftoolFeatures,
  { prefix = '', full }: { readonly prefix?: string | undefined; readonly full: boolean },
): string[] {
  const define = (name: string, value = '') => `#define ${prefix}${name}${value === '' ? '' : ` ${value}`}`
  const answers = (found: Readonly<Record<string, boolean>>) =>
    Object.entries(found).map(([name, has]) => define(`${has ? '' : 'NO_'}${name.toUpperCase()}`))
  const hertz = features.system_config[clock]
  return [
    '/* kernel configuration */',
    hertz === null || hertz === undefined ? `/* ${prefix}${clock} is not set */` : define(clock, String(hertz)),
    ...section('system call', answers(features.syscall_config)),
    ...section('program types', answers(features.program_types)),
    ...section('map types', answers(features.map_types)),
    ...section('helpers: #if HAVE_PROG_TYPE_HELPER(xdp, bpf_redirect)', [
      define('HAVE_PROG_TYPE_HELPER(prog_type, helper)', `${prefix}BPF__PROG_TYPE_ ## prog_type ## __HELPER_ ## helper`),
      ...helperAnswers(features, full).map(([type, helper, has]) => define(`BPF__PROG_TYPE_${type}__HELPER_${helper}`, has ? '1' : '0')),
    ]),
    ...section('others', answers(features.misc)),
  ]
}

function section(title: string, lines: readonly string[]): string[] {
  return ['', `/* ${title} */`, ...lines]
}

/** Each program type with each helper that was tried. */
function helperAnswers({ helpers }: BpftoolFeatures, full: boolean): (readonly [type: string, helper: string, has: boolean])[] {
  const tried = helperNames().filter((_, index) => full || !noisyHelpers.includes(index + 1))
  return Object.entries(helpers).flatMap(([key, names]) => {
    const available = new Set(names)
    const type = key.replace('_available_helpers', '')
    return tried.map(helper => [type, helper, available.has(helper)] as const)
  })
}
