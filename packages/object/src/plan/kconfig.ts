import { BpfError, fits } from '@bpf/bytes'
import type { ObjectSpec } from '../spec'
import type { Target, TargetFeature } from '../target'
import { writeOption, writeVirtualOption } from './kconfig-value'
import { type KconfigVariable, kconfigVariable } from './kconfig-variable'
import { PlanError } from './plan-error'

/** Bytes; real options take some hundreds, but a type can claim anything. */
const MAX_SIZE = 1 << 20

/** The `.kconfig` map of an object on a target. Options that could not be filled are zero and have their error in `failures`. */
export interface KconfigPlan {
  /** Name of the map. */
  readonly map: string
  /** Its value; undefined when there is no such map. */
  readonly bytes: Uint8Array | undefined
  readonly failures: ReadonlyMap<string, BpfError>
  readonly warnings: readonly string[]
}

/**
 * Fills the options of an object: `CONFIG_` ones from the target's configuration, `LINUX_` ones from what is known of it. Missing
 * weak ones are zero.
 *
 * @throws PlanError, if the options are larger than any that are real.
 */
export function planKconfig({ maps, externs, btf }: ObjectSpec, target: Target): KconfigPlan {
  const map = maps.find(({ origin }) => origin.kind === 'data' && origin.access === 'kconfig')
  if (map !== undefined && map.valueSize > MAX_SIZE) {
    throw new PlanError('ERR_BPF_PLAN_KCONFIG', `map "${map.name}": options of ${map.valueSize} bytes are too many to be true`)
  }
  const bytes = map && new Uint8Array(map.valueSize)
  const failures = new Map<string, BpfError>()
  const warnings: string[] = []
  for (const extern of externs) {
    if (extern.kind !== 'kconfig' || bytes === undefined || btf === undefined) continue
    try {
      const warning = fill(kconfigVariable(extern, btf), target, bytes)
      if (warning !== undefined) warnings.push(warning)
    } catch (error) {
      if (!(error instanceof BpfError)) throw error
      failures.set(extern.name, error)
    }
  }
  return { map: map?.name ?? '.kconfig', bytes, failures, warnings }
}

/** What a virtual option asks: a number, or whether the target has a feature. */
const virtualOptions: Readonly<Record<string, TargetFeature | 'version'>> = {
  LINUX_KERNEL_VERSION: 'version',
  LINUX_HAS_BPF_COOKIE: 'bpfCookie',
  LINUX_HAS_SYSCALL_WRAPPER: 'syscallWrapper',
}

function fill(variable: KconfigVariable, target: Target, bytes: Uint8Array): string | undefined {
  const { name, weak } = variable
  if (!fits(variable.offset, variable.size, bytes.length)) {
    throw new PlanError('ERR_BPF_PLAN_KCONFIG', `extern "${name}" is outside the ${bytes.length} bytes of its map`)
  }
  if (name.startsWith('CONFIG_')) {
    const text = target.kconfig(name)
    if (text !== undefined && text !== '') return writeOption(variable, text, bytes, target.littleEndian)
    if (weak) return undefined
    throw notSet(name, target)
  }
  const question = virtualOptions[name]
  if (question === undefined) {
    if (weak && name.startsWith('LINUX_')) return undefined
    throw new PlanError('ERR_BPF_PLAN_KCONFIG', `extern "${name}" is no option that a loader knows`, {
      hint: `known are CONFIG_… and ${Object.keys(virtualOptions).join(', ')}`,
    })
  }
  const value = question === 'version' ? BigInt(target.kernelVersion) : featureValue(target.has(question))
  if (value !== undefined) {
    writeVirtualOption(variable, value, bytes, target.littleEndian)
    return undefined
  }
  if (weak) return `extern "${name}": not known for ${target.description}, left 0`
  throw new PlanError('ERR_BPF_PLAN_KCONFIG', `extern "${name}": not known for ${target.description}`)
}

/** An option that every kernel has which runs BPF programs at all. */
const always = 'CONFIG_BPF'

function notSet(name: string, target: Target): PlanError {
  if (target.kconfig(always) !== undefined) {
    const hint = 'declare it __weak to get zero instead'
    return new PlanError('ERR_BPF_PLAN_KCONFIG', `extern "${name}": the option is not set in ${target.description}`, { hint })
  }
  const hint = 'it needs /proc/config.gz (CONFIG_IKCONFIG_PROC), or /boot/config-RELEASE, or the configuration as an option'
  return new PlanError('ERR_BPF_PLAN_KCONFIG', `extern "${name}": the configuration of ${target.description} cannot be read`, { hint })
}

const featureValue = (has: boolean | undefined): bigint | undefined => (has === undefined ? undefined : has ? 1n : 0n)
