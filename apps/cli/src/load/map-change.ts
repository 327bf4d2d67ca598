import { nearNames } from '@bpf/bytes'
import { getMap, type MapSpec, type ObjectSpec, resizeDataSection } from '@bpf/object'
import { UsageError } from '@bpf/terminal'

/** `--map events=max_entries:65536`. */
export interface MapChange {
  readonly map: string
  readonly fields: readonly { readonly field: Field; readonly value: number }[]
}

type Field = keyof typeof setters

const setters = {
  max_entries: (map: MapSpec, value: number) => {
    map.maxEntries = value
  },
  value_size: (map: MapSpec, value: number) => {
    map.valueSize = value
  },
  flags: (map: MapSpec, value: number) => {
    map.flags = value
  },
  map_extra: (map: MapSpec, value: number) => {
    map.mapExtra = BigInt(value)
  },
  numa_node: (map: MapSpec, value: number) => {
    map.numaNode = value
  },
}

/** @throws UsageError */
export function parseMapChange(text: string): MapChange {
  // Names of data sections contain no `=`, but dots: `.data.counters=value_size:4096`.
  const equals = text.indexOf('=')
  if (equals <= 0) throw new UsageError(`--map ${text}: expected NAME=FIELD:N`, 'such as events=max_entries:65536')
  const fields = text
    .slice(equals + 1)
    .split(',')
    .map(part => parseField(text, part))
  return { map: text.slice(0, equals), fields }
}

function parseField(text: string, part: string): MapChange['fields'][number] {
  const [, field = '', number] = /^(\w+):(0x[0-9a-f]{1,13}|\d{1,15})$/i.exec(part) ?? []
  if (number === undefined) throw new UsageError(`--map ${text}: expected FIELD:N, not ${JSON.stringify(part)}`)
  if (!isField(field)) {
    const near = nearNames(field, Object.keys(setters))
    throw new UsageError(
      `--map ${text}: maps have no field ${field}`,
      near.length > 0 ? `did you mean ${near.join(' or ')}?` : `one of ${Object.keys(setters).join(', ')}`,
    )
  }
  return { field, value: Number(number) }
}

function isField(name: string): name is Field {
  return Object.hasOwn(setters, name)
}

/** @throws ObjectError if there is no such map, or a data section cannot have that size */
export function changeMap(spec: ObjectSpec, { map: name, fields }: MapChange): void {
  const map = getMap(spec, name)
  for (const { field, value } of fields) {
    if (field === 'value_size' && map.origin.kind === 'data') resizeDataSection(spec, name, value)
    else setters[field](map, value)
  }
}
