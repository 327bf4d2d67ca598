import { type Btf, typeName } from '@bpf/btf'
import { nameOf, snakeCase, snakeName } from '@bpf/bytes'
import {
  AttachType,
  corePath,
  getVariableValue,
  kindName,
  lowestKernel,
  MapType,
  type ObjectSpec,
  ProgType,
  type Reference,
  type Requirement,
  requirementsOf,
} from '@bpf/object'
import { referenceTarget } from '../reference-target'

/** What `bpf inspect --json` prints for an object. */
export interface ObjectDocument {
  readonly object: string
  readonly license: string
  readonly byteOrder: 'little' | 'big'
  readonly programs: readonly ProgramEntry[]
  /** Functions that programs call. */
  readonly functions: readonly { readonly name: string; readonly section: string; readonly insns: number; readonly linkage: string }[]
  readonly maps: readonly MapEntry[]
  readonly variables: readonly VariableEntry[]
  readonly externs: readonly { readonly name: string; readonly kind: string; readonly weak: boolean }[]
  readonly structOps: readonly { readonly map: string; readonly type: string; readonly programs: readonly string[] }[]
  readonly relocations: readonly RelocationEntry[]
  readonly core: readonly CoreEntry[]
  readonly requirements: readonly Requirement[]
  /** As far as versions can tell. */
  readonly lowestKernel: string | null
}

export interface ProgramEntry {
  readonly name: string
  readonly section: string
  readonly type: string
  readonly attachType: string | null
  readonly target: string | null
  readonly autoLoad: boolean
  /** Slots, without those of the functions that it calls. */
  readonly insns: number
}

export interface MapEntry {
  readonly name: string
  readonly type: string
  readonly keySize: number
  readonly valueSize: number
  readonly maxEntries: number
  readonly flags: number
  /** In C; null without BTF. */
  readonly keyType: string | null
  readonly valueType: string | null
  readonly origin: string
  readonly pinning: 'none' | 'byName' | number
}

export interface VariableEntry {
  readonly name: string
  readonly map: string
  readonly offset: number
  readonly size: number
  readonly type: string | null
  /** Null when its type is not known. */
  readonly value: unknown
}

export interface RelocationEntry {
  readonly function: string
  readonly slot: number
  readonly kind: Reference['kind']
  readonly to: string
}

export interface CoreEntry {
  readonly function: string
  readonly slot: number
  readonly question: string
  readonly type: string
  /** `0:1:2`. */
  readonly access: string
  /** The same by names: `struct file.f_inode`. */
  readonly path: string
}

/** @param match Only relocations whose target contains it. */
export function inspectObject(spec: ObjectSpec, match = ''): ObjectDocument {
  const entries = new Set(spec.programs.map(program => program.function))
  const requirements = requirementsOf(spec)
  return {
    object: spec.name,
    license: spec.license,
    byteOrder: spec.littleEndian ? 'little' : 'big',
    programs: programsOf(spec),
    functions: spec.functions
      .filter(({ name }) => !entries.has(name))
      .map(({ name, section, code, linkage }) => ({ name, section, insns: code.byteLength / 8, linkage })),
    maps: mapsOf(spec),
    variables: spec.variables.map(({ name, map, offset, size, typeId }) => {
      const type = typeId === 0 ? undefined : spec.btf?.type(typeId)
      const known = type?.kind === 'var'
      return {
        name,
        map,
        offset,
        size,
        type: known ? typeText(spec.btf, type.type) : null,
        value: known ? getVariableValue(spec, name) : null,
      }
    }),
    externs: spec.externs.map(({ name, kind, weak }) => ({ name, kind: snakeCase(kind), weak })),
    structOps: spec.structOps.map(({ map, typeName, programs }) => ({
      map,
      type: typeName,
      programs: programs.map(({ member, program }) => `${member}=${program}`),
    })),
    relocations: relocationsOf(spec).filter(({ to }) => to.includes(match)),
    core: coreOf(spec).filter(({ path }) => path.includes(match)),
    requirements: requirements.map(requirement => ({ ...requirement, name: requirementName(requirement) })),
    lowestKernel: lowestKernel(requirements) ?? null,
  }
}

/** The kernel's spelling of constants; other names are as they are. */
function requirementName({ kind, name }: Requirement): string {
  return kind.endsWith('type') ? snakeCase(name) : name
}

function programsOf(spec: ObjectSpec): ProgramEntry[] {
  return spec.programs.map(program => ({
    name: program.name,
    section: program.section,
    type: snakeName(ProgType, program.type),
    attachType: program.expectedAttachType === 0 ? null : snakeName(AttachType, program.expectedAttachType),
    target: program.attachTarget ?? null,
    autoLoad: program.autoLoad,
    insns: (spec.functions.find(({ name }) => name === program.function)?.code.byteLength ?? 0) / 8,
  }))
}

function mapsOf(spec: ObjectSpec): MapEntry[] {
  return spec.maps.map(map => ({
    name: map.name,
    type: nameOf(MapType, map.type) === undefined ? `type ${map.type}` : snakeName(MapType, map.type),
    keySize: map.keySize,
    valueSize: map.valueSize,
    maxEntries: map.maxEntries,
    flags: map.flags,
    keyType: map.keyTypeId === 0 ? null : typeText(spec.btf, map.keyTypeId),
    valueType: map.valueTypeId === 0 || map.origin.kind === 'data' ? null : typeText(spec.btf, map.valueTypeId),
    origin: map.origin.kind,
    pinning: map.pinning,
  }))
}

/** In C: `struct event`, `unsigned int`. */
function typeText(btf: Btf | undefined, typeId: number): string | null {
  return btf === undefined ? null : typeName(btf, typeId)
}

function relocationsOf(spec: ObjectSpec): RelocationEntry[] {
  return spec.functions.flatMap(fn =>
    fn.references.map(reference => ({
      function: fn.name,
      slot: reference.slot,
      kind: reference.kind,
      to: referenceTarget(reference, spec),
    })),
  )
}

function coreOf({ functions, btf }: ObjectSpec): CoreEntry[] {
  return functions.flatMap(fn =>
    fn.coreRelocations.map(record => {
      const { slot, kind, typeId, access } = record
      const type = typeText(btf, typeId) ?? `type ${typeId}`
      return { function: fn.name, slot, question: kindName(kind), type, access, path: btf === undefined ? type : corePath(btf, record) }
    }),
  )
}
