import { helperId, helperSince } from '@bpf/insn'
import { type Kernel, type KernelFeature, noisyHelpers } from '@bpf/kernel'
import { AttachType, MapType, type ObjectSpec, ProgType, type Requirement, requirementsOf } from '@bpf/object'

/** What an object needs, and whether this kernel has it. */
export interface AnsweredRequirement {
  readonly kind: Requirement['kind']
  readonly name: string
  readonly since: string | null
  readonly users: readonly string[]
  /** Null: could not tell. */
  readonly has: boolean | null
  /** How that was found out: by trying, or by the kernel's version. */
  readonly by: 'probe' | 'version'
}

/** What `bpf feature --against OBJ --json` prints. */
export interface AgainstDocument {
  readonly object: string
  readonly kernel: string
  /** Nothing that it needs is known to be missing. */
  readonly fits: boolean
  readonly requirements: readonly AnsweredRequirement[]
}

export function againstDocument(kernel: Kernel, name: string, spec: ObjectSpec): AgainstDocument {
  const requirements = requirementsOf(spec).map(requirement => answer(kernel, spec, requirement))
  return { object: name, kernel: kernel.release, fits: requirements.every(({ has }) => has !== false), requirements }
}

function answer(kernel: Kernel, spec: ObjectSpec, { kind, name, since, users }: Requirement): AnsweredRequirement {
  const probed = probes[kind](kernel, spec, { kind, name, since, users })
  const line = { kind, name, since: since ?? null, users }
  if (probed !== undefined) return { ...line, has: probed, by: 'probe' }
  return { ...line, has: since === undefined ? null : isAtLeast(kernel.kernelVersion, since), by: 'version' }
}

type RequirementProbe = (kernel: Kernel, spec: ObjectSpec, requirement: Requirement) => boolean | undefined

/** Undefined where nothing was found out by trying. */
const probes: Readonly<Record<Requirement['kind'], RequirementProbe>> = {
  'program type': ({ features }, _, { name }) => byName(ProgType, name, type => features.programType(type)),
  'attach type': ({ features }, _, { name }) => byName(AttachType, name, type => features.attachType(type)),
  'map type': ({ features }, _, { name }) => byName(MapType, name, type => features.mapType(type)),
  helper: probeHelper,
  kfunc: (kernel, _, { name }) => hasFunction(kernel, name),
  feature: probeFeature,
}

function byName(table: Readonly<Record<string, number>>, name: string, ask: (value: number) => boolean | undefined): boolean | undefined {
  const value = table[name]
  return value === undefined ? undefined : ask(value)
}

/** In programs of every type that calls it. */
function probeHelper({ features }: Kernel, spec: ObjectSpec, { name, since, users }: Requirement): boolean | undefined {
  // One that has no name here is called by its number: `helper 9999`.
  const helper = helperId(name) ?? numberIn(name)
  if (helper === undefined || noisyHelpers.includes(helper)) return undefined
  const types = new Set(spec.programs.filter(program => users.includes(program.name)).map(({ type }) => type))
  const verdicts = [...types].map(type => features.helper(type, helper))
  // Planning puts an older one in its place: the requirement's version is that one's.
  if (verdicts.includes(false)) return since === helperSince(helper) ? false : undefined
  return verdicts.includes(undefined) ? undefined : true
}

function numberIn(name: string): number | undefined {
  const number = /^helper (\d+)$/.exec(name)?.[1]
  return number === undefined ? undefined : Number(number)
}

function hasFunction(kernel: Kernel, name: string): boolean | undefined {
  const vmlinux = kernel.vmlinuxBtf()
  if (vmlinux === undefined) return undefined
  return (
    vmlinux.find(name, 'func') !== undefined ||
    kernel.moduleNames().some(module => kernel.moduleBtf(module)?.find(name, 'func') !== undefined)
  )
}

function probeFeature(kernel: Kernel, _: ObjectSpec, { name }: Requirement): boolean | undefined {
  if (name === 'BTF of the kernel, for CO-RE') return kernel.vmlinuxBtf() !== undefined
  const known = featureProbes[name]
  return known === undefined ? undefined : kernel.has(known)
}

/** Features that requirements name, by what `Features` tries. */
const featureProbes: Readonly<Record<string, KernelFeature>> = {
  'global variables': 'globalData',
  'bounded loops': 'boundedLoops',
  'more than 4096 instructions': 'millionInsns',
  '32-bit jumps (cpu v3)': 'isaV3',
  'atomics that fetch, exchange or do logic': 'atomics',
  'signed division, sign extension, long jumps (cpu v4)': 'isaV4',
  'load-acquire and store-release': 'loadAcquire',
  'maps in user memory (BPF_F_MMAPABLE)': 'arrayMmap',
}

/** KERNEL_VERSION against `5.8`. */
function isAtLeast(kernelVersion: number, since: string): boolean {
  const [major = 0, minor = 0] = since.split('.').map(Number)
  return kernelVersion >>> 8 >= ((major << 8) | minor)
}
