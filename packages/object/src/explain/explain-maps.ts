import { MapFlag } from '../constants/flags'
import { MapType } from '../constants/map-type'
import type { LoadPlan, MapPlan } from '../plan-types'
import type { MapSpec, ObjectSpec } from '../spec'
import { constantName, flagText } from './constant-names'
import type { CallStep, Field, MapStep } from './step'

export function explainMapDefinitions(spec: ObjectSpec): MapStep[] {
  return spec.maps.map(map => ({
    phase: 'read',
    kind: 'map',
    name: map.name,
    origin: originText(map),
    fields: definitionFields(map, spec),
  }))
}

function originText({ origin, name }: MapSpec): string {
  switch (origin.kind) {
    case 'legacy':
      return `struct bpf_map_def in section ${origin.section}: u32 fields one behind the other`
    case 'btf':
      return `a variable in section .maps, whose type in the BTF is the definition`
    case 'data':
      return `made of section ${origin.section}`
    case 'structOps':
      return `a struct_ops variable: the kernel interface ${name}`
    case 'caller':
      return 'made by the caller'
  }
}

function definitionFields(map: MapSpec, spec: ObjectSpec): Field[] {
  const numbers: readonly (readonly [name: string, value: number, meaning?: string | undefined])[] = [
    ['type', map.type, constantName(MapType, map.type, 'BPF_MAP_TYPE_')],
    ['key_size', map.keySize, map.keySize === 0 ? undefined : typeText(map.keyTypeId, spec)],
    ['value_size', map.valueSize, map.valueSize === 0 ? undefined : typeText(map.valueTypeId, spec)],
    ['max_entries', map.maxEntries],
    ['map_flags', map.flags, map.flags === 0 ? undefined : flagText(MapFlag, map.flags)],
    ['numa_node', map.numaNode],
    ['pinning', typeof map.pinning === 'number' ? map.pinning : 0],
  ]
  const fields = numbers
    .filter(([name, value]) => value !== 0 || alwaysShown.has(name))
    .map(([name, value, meaning]): Field => ({ name, value: String(value), ...(meaning && { meaning }) }))
  if (map.mapExtra !== 0n) fields.push({ name: 'map_extra', value: String(map.mapExtra) })
  if (map.pinning === 'byName') fields.push({ name: 'pinning', value: '1', meaning: 'LIBBPF_PIN_BY_NAME' })
  if (map.inner !== undefined) fields.push({ name: 'inner map', value: constantName(MapType, map.inner.type, 'BPF_MAP_TYPE_') })
  return fields
}

const alwaysShown: ReadonlySet<string> = new Set(['type', 'key_size', 'value_size', 'max_entries', 'map_flags'])

function typeText(typeId: number, { btf }: ObjectSpec): string | undefined {
  if (typeId === 0 || btf === undefined) return undefined
  const type = btf.type(typeId)
  if (type.kind === 'struct' || type.kind === 'union' || type.kind === 'enum') return `${type.kind} ${type.name || '{…}'}`
  if (type.kind === 'datasec') return undefined
  return type.name === '' ? type.kind : type.name
}

/** The calls that create maps, in order. */
export function explainMapCalls({ btf, btfChanges, maps }: LoadPlan): CallStep[] {
  const steps: CallStep[] = []
  if (btf !== undefined) {
    const changes = btfChanges.length === 0 ? '' : `; changed for this kernel: ${btfChanges.join(', ')}`
    const attributes = [{ name: 'btf', value: `[${btf.byteLength} bytes]` }]
    const purpose = `the kernel learns the types of maps, functions and lines${changes}`
    steps.push({ phase: 'create', kind: 'call', subject: 'BTF', command: 'BPF_BTF_LOAD', attributes, purpose })
  }
  return [...steps, ...maps.flatMap(explainMapCreation)]
}

function explainMapCreation(map: MapPlan): CallStep[] {
  const { name, contents, freeze, inner } = map
  const steps: CallStep[] = inner === undefined ? [] : [createCall(inner, `a template: it tells what the maps in ${name} look like`)]
  steps.push(createCall(map, 'its file descriptor is what instructions and calls name it by'))
  if (contents !== undefined) {
    const arena = map.type === MapType.Arena
    const attributes = [
      { name: 'map_fd', value: name },
      { name: 'key', value: '0' },
      { name: 'value', value: `[${contents.byteLength} bytes]` },
    ]
    const purpose = 'initial values of the variables'
    if (!arena) steps.push({ phase: 'create', kind: 'call', subject: name, command: 'BPF_MAP_UPDATE_ELEM', attributes, purpose })
  }
  if (freeze) {
    const purpose = 'user space cannot write it any more, so that the verifier may take its values for constants'
    const attributes = [{ name: 'map_fd', value: name }]
    steps.push({ phase: 'create', kind: 'call', subject: name, command: 'BPF_MAP_FREEZE', attributes, purpose })
  }
  return steps
}

function createCall(map: MapPlan, purpose: string): CallStep {
  const values: readonly (readonly [string, string | number])[] = [
    ['map_type', constantName(MapType, map.type, 'BPF_MAP_TYPE_')],
    ['key_size', map.keySize],
    ['value_size', map.valueSize],
    ['max_entries', map.maxEntries],
    ['map_flags', flagText(MapFlag, map.flags)],
    ['inner_map_fd', map.inner === undefined ? '' : map.inner.name],
    ['numa_node', map.numaNode],
    ['map_name', map.kernelName === '' ? '' : JSON.stringify(map.kernelName)],
    ['map_ifindex', map.ifindex],
    ['btf_fd', map.keyTypeId === 0 && map.valueTypeId === 0 ? '' : 'BTF'],
    ['btf_key_type_id', map.keyTypeId],
    ['btf_value_type_id', map.valueTypeId],
    ['btf_vmlinux_value_type_id', map.vmlinuxValueType?.typeId ?? 0],
    ['map_extra', map.mapExtra === 0n ? '' : String(map.mapExtra)],
  ]
  return { phase: 'create', kind: 'call', subject: map.name, command: 'BPF_MAP_CREATE', attributes: setFields(values), purpose }
}

/** What is zero or empty is not worth a word: the kernel takes what is not said for zero. */
export function setFields(values: readonly (readonly [name: string, value: string | number])[]): Field[] {
  return values.filter(([, value]) => value !== 0 && value !== '').map(([name, value]) => ({ name, value: String(value) }))
}
