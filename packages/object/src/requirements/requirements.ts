import { type NameTable, nameOf } from '@bpf/bytes'
import { helperName, helperSince } from '@bpf/insn'
import { AttachType } from '../constants/attach-type'
import { MapType } from '../constants/map-type'
import { ProgType } from '../constants/prog-type'
import { replacementOf } from '../plan/old-helpers'
import type { FunctionSpec, MapSpec, ObjectSpec, ProgramSpec } from '../spec'
import { codeFeatures, helpersIn } from './code-features'
import { objectFeatures } from './object-features'
import { reachableFunctions } from './reachable'
import { attachTypeSince, mapTypeSince, programTypeSince } from './versions'

/** Something that a kernel must have for an object to be loaded there. */
export interface Requirement {
  readonly kind: 'program type' | 'attach type' | 'map type' | 'helper' | 'kfunc' | 'feature'
  /** `ringbuf`'s constant name `Ringbuf`, `bpf_loop`, `bounded loops`. */
  readonly name: string
  /** The kernel it came with, `5.8`; undefined when a version cannot tell, as with kernel functions. */
  readonly since: string | undefined
  /** Programs and maps that need it. */
  readonly users: readonly string[]
}

/**
 * What an object needs of a kernel, newest first. Only programs that would be loaded count. Vendors back-port features:
 * loading, or probing, knows better than the version that this gives.
 */
export function requirementsOf(spec: ObjectSpec): Requirement[] {
  const found = new Map<string, Requirement>()
  const need = (kind: Requirement['kind'], name: string, since: string | undefined, user: string): void => {
    const key = `${kind} ${name}`
    const users = found.get(key)?.users ?? []
    found.set(key, { kind, name, since, users: users.includes(user) ? users : [...users, user] })
  }
  for (const map of spec.maps) if (map.autoCreate) needMap(map, need)
  for (const program of spec.programs) {
    if (!program.autoLoad) continue
    needProgram(program, need)
    for (const fn of reachableFunctions(spec, program.function)) needCode(fn, spec, program.name, need)
  }
  return [...found.values()].sort((a, b) => compareVersions(b.since, a.since) || (a.name < b.name ? -1 : 1))
}

type Need = (kind: Requirement['kind'], name: string, since: string | undefined, user: string) => void

function needMap(map: MapSpec, need: Need): void {
  const name = nameOf(MapType, map.type)
  need('map type', name ?? `type ${map.type}`, sinceOf(mapTypeSince, name), map.name)
  if (map.inner !== undefined) needMap(map.inner, (kind, name, since) => need(kind, name, since, map.name))
  for (const { name: feature, since } of objectFeatures.filter(({ ofMap }) => ofMap?.(map))) need('feature', feature, since, map.name)
}

/** Kernels take programs of these types whatever attach type they are given, or none. */
const attachTypeIgnored: ReadonlySet<number> = new Set([ProgType.Xdp, ProgType.SchedCls])

function needProgram(program: ProgramSpec, need: Need): void {
  const name = nameOf(ProgType, program.type)
  if (program.type !== 0) need('program type', name ?? `type ${program.type}`, sinceOf(programTypeSince, name), program.name)
  const attachType = nameOf(AttachType, program.expectedAttachType)
  if (program.expectedAttachType !== 0 && !attachTypeIgnored.has(program.type))
    need('attach type', attachType ?? `type ${program.expectedAttachType}`, sinceOf(attachTypeSince, attachType), program.name)
  for (const { name: feature, since } of objectFeatures.filter(({ ofProgram }) => ofProgram?.(program)))
    need('feature', feature, since, program.name)
}

function needCode(fn: FunctionSpec, spec: ObjectSpec, user: string, need: Need): void {
  for (const id of helpersIn(fn.code, spec.littleEndian)) {
    // Planning puts an older helper in its place where the kernel has no other.
    const since = helperSince(replacementOf(id) ?? id)
    need('helper', helperName(id) ?? `helper ${id}`, since, user)
  }
  for (const { name, since } of codeFeatures(fn.code, spec.littleEndian)) need('feature', name, since, user)
  for (const { name, since } of objectFeatures.filter(({ ofFunction }) => ofFunction?.(fn, spec))) need('feature', name, since, user)
  for (const reference of fn.references) {
    const called = reference.kind === 'extern' ? spec.externs.find(({ name }) => name === reference.extern) : undefined
    if (called?.kind === 'kfunc' && !called.weak) need('kfunc', called.name, undefined, user)
  }
}

function sinceOf(table: Readonly<Record<string, string>>, name: keyof NameTable | undefined): string | undefined {
  return name === undefined ? undefined : table[name]
}

/** The oldest kernel that has all of it, as far as versions can tell; undefined when nothing is required. */
export function lowestKernel(requirements: readonly Requirement[]): string | undefined {
  return requirements.map(({ since }) => since).toSorted((a, b) => compareVersions(b, a))[0]
}

/** Unknown is older than everything. */
function compareVersions(a: string | undefined, b: string | undefined): number {
  const [majorA, minorA] = numbersOf(a)
  const [majorB, minorB] = numbersOf(b)
  return majorA - majorB || minorA - minorB
}

function numbersOf(version = '0.0'): readonly [number, number] {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  return [major, minor]
}
