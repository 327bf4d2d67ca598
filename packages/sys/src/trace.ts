import { flagNames, type NameTable, nameOf } from '@bpf/bytes'
import { AttachType } from './constants/attach-type'
import { AttachFlag, ElemFlag, MapFlag, ProgFlag } from './constants/flags'
import { MapType } from './constants/map-type'
import { snakeCase } from './constants/names'
import { ProgType } from './constants/program-type'
import { errnoName, errnoText } from './errno'

/** What was passed, by the kernel's field names in camelCase. Of memory, what is short is shown, of the rest the size. */
export type Attributes = Readonly<Record<string, AttributeValue>>
export type AttributeValue = number | bigint | string | boolean | ArrayBufferView | undefined

/** One system call as the trace hook sees it, after it returned. */
export interface TracedCall {
  /** `bpf`, `perf_event_open`, … */
  readonly syscall: string
  /** The command of a multiplexed call: `BPF_MAP_CREATE`. */
  readonly operation: string | undefined
  readonly attributes: Attributes
  /** What the call returned; -1 on failure. */
  readonly result: number | bigint
  /** 0 on success. */
  readonly errno: number
}

/** `bpf(BPF_MAP_CREATE, {map_type=BPF_MAP_TYPE_HASH, key_size=4}) = 5`, the way strace prints it. */
export function formatCall(call: TracedCall): string {
  const attributes = `{${formatAttributes(call.attributes)}}`
  const args = call.operation === undefined ? attributes : `${call.operation}, ${attributes}`
  const outcome = call.errno === 0 ? formatNumber(call.result) : `-1 ${errnoName(call.errno)} (${errnoText(call.errno)})`
  return `${call.syscall}(${args}) = ${outcome}`
}

/** `map_type=BPF_MAP_TYPE_HASH, key_size=4`; what is zero, empty or undefined is left out. */
export function formatAttributes(attributes: Attributes): string {
  const parts: string[] = []
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === 0 || value === 0n || value === '' || value === false) continue
    parts.push(`${snakeCase(name)}=${formatValue(name, value)}`)
  }
  return parts.join(', ')
}

function formatValue(name: string, value: Exclude<AttributeValue, undefined>): string {
  if (typeof value === 'string') return JSON.stringify(value)
  if (typeof value === 'boolean') return String(value)
  if (typeof value === 'object') return formatMemory(value)
  const constants = constantFields[name]
  if (constants === undefined || typeof value === 'bigint') return formatNumber(value)
  if (constants.flags)
    return flagNames(constants.table, value)
      .map(constant => withPrefix(constants.prefix, constant))
      .join('|')
  const constant = nameOf(constants.table, value)
  return constant === undefined ? String(value) : withPrefix(constants.prefix, constant)
}

/** Short memory is a key, a value, an address: worth seeing. */
const shownBytes = 16

function formatMemory({ buffer, byteOffset, byteLength }: ArrayBufferView): string {
  if (byteLength > shownBytes) return `[${byteLength} bytes]`
  return `[${[...new Uint8Array(buffer, byteOffset, byteLength)].map(byte => byte.toString(16).padStart(2, '0')).join(' ')}]`
}

function withPrefix(prefix: string, constant: string): string {
  return constant.startsWith('0x') ? constant : prefix + snakeCase(constant).toUpperCase()
}

function formatNumber(value: number | bigint): string {
  // Addresses are above any count: hexadecimal is how a reader knows them.
  return value > 0xffff_ffff ? `0x${value.toString(16)}` : String(value)
}

const constantFields: Readonly<Record<string, { table: NameTable; prefix: string; flags?: boolean }>> = {
  mapType: { table: MapType, prefix: 'BPF_MAP_TYPE_' },
  mapFlags: { table: MapFlag, prefix: 'BPF_F_', flags: true },
  progType: { table: ProgType, prefix: 'BPF_PROG_TYPE_' },
  progFlags: { table: ProgFlag, prefix: 'BPF_F_', flags: true },
  attachType: { table: AttachType, prefix: 'BPF_' },
  expectedAttachType: { table: AttachType, prefix: 'BPF_' },
  attachFlags: { table: AttachFlag, prefix: 'BPF_F_', flags: true },
  elemFlags: { table: ElemFlag, prefix: 'BPF_F_', flags: true },
}
