import { type NameTable, nearNames } from '@bpf/bytes'
import { helperName } from '@bpf/insn'
import { type Features, type Kernel, kernelFeatures } from '@bpf/kernel'
import { AttachType, LinkType, MapFlag, MapType, ProgType, snakeCase } from '@bpf/sys'
import { UsageError } from '@bpf/terminal'
import { kconfigOptions } from './kconfig-options'

/** Has it, has it not, or null: could not tell, for lack of rights say. */
export type Answer = boolean | null
export type Answers = Readonly<Record<string, Answer>>

/** What `bpf feature --json` prints. */
export interface FeatureDocument {
  readonly kernel: string
  readonly arch: string
  readonly programTypes: Answers
  readonly mapTypes: Answers
  readonly mapFlags: Answers
  readonly attachTypes: Answers
  readonly linkTypes: Answers
  /** Abilities that are neither types nor helpers: instructions, kinds of BTF, commands. */
  readonly abilities: Answers
  /** Values of configuration options, null where unset; null altogether when there is no configuration to read. */
  readonly kconfig: Readonly<Record<string, string | null>> | null
  /** Names by program type; null unless asked for. */
  readonly helpers: Readonly<Record<string, readonly string[]>> | null
}

export interface FeatureQuestions {
  /** Program types whose helpers are wanted, as `ProgType`. */
  readonly helpersOf: readonly number[] | undefined
  /** Helpers that make the kernel log a warning when they are tried, too. */
  readonly noisy: boolean
  /** What is said of what could not be told. */
  readonly unknown: null | false
}

export function featureDocument(kernel: Kernel, { helpersOf, noisy, unknown }: FeatureQuestions): FeatureDocument {
  const { features } = kernel
  const config = kernel.kconfigSource()
  const answers = (table: NameTable, ask: (value: number) => boolean | undefined): Answers => {
    const known = Object.entries(table).filter(([name]) => name !== 'Unspec')
    return Object.fromEntries(known.map(([name, value]) => [snakeCase(name), ask(value) ?? unknown]))
  }
  return {
    kernel: kernel.release,
    arch: process.arch,
    programTypes: answers(ProgType, type => features.programType(type)),
    mapTypes: answers(MapType, type => features.mapType(type)),
    mapFlags: answers(MapFlag, flag => features.mapFlag(flag)),
    attachTypes: answers(AttachType, type => features.attachType(type)),
    linkTypes: answers(LinkType, type => features.linkType(type)),
    abilities: Object.fromEntries(kernelFeatures.map(name => [snakeCase(name), features.has(name) ?? unknown])),
    kconfig: config ? Object.fromEntries(kconfigOptions.map(name => [name, config.get(name) ?? null])) : null,
    helpers: helpersOf ? Object.fromEntries(helpersOf.map(type => [typeKey(type), helperNamesOf(features, type, noisy)])) : null,
  }
}

/** @param noisy Also those that make the kernel log a warning when they are tried. */
export function helperNamesOf(features: Features, type: number, noisy: boolean): readonly string[] {
  return features.helpers(type, { noisy }).flatMap(helper => helperName(helper) ?? [])
}

/** Every program type by name, in the kernel's order. */
export const programTypes: ReadonlyMap<string, number> = new Map(
  Object.entries(ProgType).flatMap(([name, type]) => (name === 'Unspec' ? [] : [[snakeCase(name), type] as const])),
)

function typeKey(type: number): string {
  return [...programTypes].find(([, value]) => value === type)?.[0] ?? `type ${type}`
}

/** @throws UsageError with near names */
export function parseProgramType(name: string): number {
  const type = programTypes.get(name)
  if (type !== undefined) return type
  const near = nearNames(name, [...programTypes.keys()])
  throw new UsageError(`--type ${name}: no such program type`, near.length > 0 ? `did you mean ${near.join(' or ')}?` : undefined)
}
