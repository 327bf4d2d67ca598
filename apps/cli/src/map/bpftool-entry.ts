import { type Btf, createCodec, type TypeId } from '@bpf/btf'
import { BpfError } from '@bpf/bytes'
import { readLoadedBtf } from '@bpf/kernel'
import { type MapInfo, MapType } from '@bpf/sys'
import type { KernelContext } from '../context'
import { plainNumbers } from '../objects/plain-numbers'
import { bpftoolBytes } from './bpftool'
import type { Entry } from './print-entries'

/** Reads bytes as a type; undefined where that is not known. */
type Reader = ((bytes: unknown) => unknown) | undefined

/** What BTF makes of keys and values; undefined for maps without. */
interface Readers {
  readonly key: Reader
  readonly value: Reader
}

/** How `bpftool -j` prints the entries of a map, which come as bytes: bytes, and what BTF makes of them. */
export function bpftoolEntryOf(context: KernelContext, info: MapInfo): (entry: Entry) => unknown {
  const readers = readersOf(context, info)
  const isMapOfMaps = info.type === MapType.ArrayOfMaps || info.type === MapType.HashOfMaps
  return entry => {
    const { key, values, id } = entry
    const head = { key: hex(key ?? []) }
    if (values !== undefined) {
      return { ...head, values: values.map((each, cpu) => ({ cpu, value: hex(each) })), ...formatted(readers, entry) }
    }
    const value = id === undefined ? entry.value : idBytes(id, info.valueSize)
    return { ...head, value: hex(value), ...(isMapOfMaps && { inner_map_id: Number(id) }), ...formatted(readers, { key, value }) }
  }
}

function formatted(readers: Readers | undefined, { key, value, values }: Entry): { readonly formatted?: unknown } {
  if (readers === undefined) return {}
  const read = readers.value
  return {
    formatted: {
      ...(readers.key && { key: readers.key(key) }),
      ...(read && (values === undefined ? { value: read(value) } : { values: values.map((each, cpu) => ({ cpu, value: read(each) })) })),
    },
  }
}

function readersOf(context: KernelContext, { btfId, btfKeyTypeId, btfValueTypeId }: MapInfo): Readers | undefined {
  if (btfId === 0 || (btfKeyTypeId === 0 && btfValueTypeId === 0)) return undefined
  const btf = readLoadedBtf(context.sys, btfId, () => context.kernel.vmlinuxBtf())
  return { key: readerOf(btf, btfKeyTypeId), value: readerOf(btf, btfValueTypeId) }
}

function readerOf(btf: Btf, id: number): Reader {
  if (id === 0) return undefined
  try {
    const type = btf.type(id)
    const codec = createCodec(btf, id as TypeId)
    return bytes => {
      if (!(bytes instanceof Uint8Array)) return undefined
      const value = plainNumbers(codec.decode(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)), Array.from)
      return type.kind === 'datasec' ? { [type.name]: Object.entries(value as object).map(([name, each]) => ({ [name]: each })) } : value
    }
  } catch (error) {
    // What is no value is left out.
    if (error instanceof BpfError) return undefined
    throw error
  }
}

const hex = (bytes: unknown) => (bytes instanceof Uint8Array ? bpftoolBytes(bytes) : bytes)

/** The machine is little-endian, or this would not run. */
function idBytes(id: number | bigint, size: number): Uint8Array {
  return Uint8Array.from({ length: size }, (_, at) => Number((BigInt(id) >> BigInt(8 * at)) & 0xffn))
}
