import { featureFact } from './features'
import type { Requirements } from './types'

/** What decides whether a scenario may be skipped on a kernel. */
export interface KernelFacts {
  /** `[6, 12, 43]` */
  readonly version: readonly number[]
  /** Value of a configuration option, undefined when it is off; no function where the configuration is not known. */
  readonly option: ((name: string) => string | undefined) | undefined
  /** Whether somebody else decides what this kernel may do, so that EPERM is no failure: the host when we have every right, not our guests. */
  readonly mayRefuse: boolean
  /** Whether the kernel was built with a module, or with what it contains. */
  hasModule(name: string): boolean
  /** Whether one of the kernel's functions is named so. */
  hasFunction(name: RegExp): boolean
  hasCommand(name: string): boolean
}

/** What a kernel lacks, in words; undefined when it has all that is asked for and a failure is a failure. */
export function whatIsMissing(requirements: Requirements, facts: KernelFacts): string | undefined {
  for (const name of requirements.features ?? []) {
    const { since, kconfig = [] } = featureFact(name)
    if (isOlder(facts.version, since)) return `${name} came with Linux ${since}`
    const off = kconfig.find(option => isOff(facts, option))
    if (off !== undefined) return `${name} needs ${off.replaceAll('|', ' or ')}`
  }
  const { kernel, kconfig = [], modules = [], functions = [], commands = [] } = requirements
  if (kernel !== undefined && isOlder(facts.version, kernel)) return `needs Linux ${kernel}`
  const off = kconfig.find(option => isOff(facts, option))
  if (off !== undefined) return `needs ${off.replaceAll('|', ' or ')}`
  const module = modules.find(name => !facts.hasModule(name))
  if (module !== undefined) return `the kernel was built without ${module}`
  const absent = functions.find(name => !facts.hasFunction(name))
  if (absent !== undefined) return `the kernel was built without a function ${absent.source}`
  const command = commands.find(name => !facts.hasCommand(name))
  return command === undefined ? undefined : `needs the command ${command}`
}

/** `6.12.43+deb13-cloud-amd64` → `[6, 12, 43]` */
export function parseVersion(text: string): readonly number[] {
  return /^\d+(?:\.\d+)*/.exec(text)?.[0].split('.').map(Number) ?? []
}

function isOlder(version: readonly number[], since: string): boolean {
  for (const [index, wanted] of parseVersion(since).entries()) {
    const have = version[index] ?? 0
    if (have !== wanted) return have < wanted
  }
  return false
}

function isOff({ option }: KernelFacts, alternatives: string): boolean {
  return option !== undefined && alternatives.split('|').every(name => option(name) === undefined)
}
