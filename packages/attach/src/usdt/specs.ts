import { BpfError } from '@bpf/bytes'
import { ElemFlag, type Fd, infoLayouts, type MapOps, mapOps, objGetInfo, type Sys } from '@bpf/sys'
import type { UsdtArgument } from './arguments'

/**
 * How programs learn where a probe's arguments are, by the convention of libbpf's usdt.bpf.h: an array map of specifications
 * whose index is the attach cookie, and, for kernels without cookies, a hash map from the probe's address to that index.
 */
export interface UsdtMaps {
  /** `__bpf_usdt_specs`. */
  readonly specs: { readonly fd: number }
  /** `__bpf_usdt_ip_to_spec_id`; absent if the object has none. */
  readonly addresses?: { readonly fd: number } | undefined
  /** Probes that an earlier process attached may use places in them: only those behind the last that is filled are taken. */
  readonly inUse?: boolean | undefined
}

/** `struct __bpf_usdt_arg_spec`, which grew in libbpf 1.7: offsets of its members and its size, in bytes. */
export interface SpecLayout {
  readonly argumentSize: number
  readonly type: number
  /** Index register in 12 bits, shift in the 4 above. */
  readonly index: number | undefined
  readonly register: number
  readonly signed: number
  readonly shift: number
}

const argumentLimit = 12
export const specLayouts: readonly [old: SpecLayout, current: SpecLayout] = [
  { argumentSize: 16, type: 8, index: undefined, register: 12, signed: 14, shift: 15 },
  { argumentSize: 24, type: 8, index: 10, register: 14, signed: 16, shift: 17 },
]
const placeTypes = { constant: 0, register: 1, memory: 2, indexed: 3 } as const

/** The specifications in the maps of one object. Owns no descriptor. */
export class UsdtSpecs {
  readonly #layout: SpecLayout
  readonly #specs: MapOps
  readonly #addresses: MapOps | undefined
  readonly #limit: number
  readonly #free: number[] = []
  #next = 0

  /** @throws UsdtSpecError if the map is of a layout that nobody knows */
  constructor(sys: Sys, { specs, addresses, inUse = false }: UsdtMaps) {
    const { valueSize, maxEntries } = objGetInfo(sys, specs.fd as Fd, infoLayouts.mapInfo, {})
    const layout = specLayouts.find(({ argumentSize }) => sizeOf(argumentSize) === valueSize)
    if (layout === undefined) throw new UsdtSpecError(`specifications of ${valueSize} bytes are of an unknown layout`)
    this.#layout = layout
    this.#limit = maxEntries
    this.#specs = mapOps(sys, specs.fd as Fd, { keySize: 4, valueSize })
    this.#addresses = addresses && mapOps(sys, addresses.fd as Fd, { keySize: 8, valueSize: 4 })
    if (inUse) this.#next = this.#firstUnused()
  }

  /** Puts a specification in a free place; returns its index. @throws UsdtSpecError if the map is full */
  add(args: readonly UsdtArgument[], cookie: bigint): number {
    const value = encodeSpec(this.#layout, args, cookie)
    const id = this.#free.pop() ?? this.#next++
    if (id >= this.#limit) {
      this.#next = this.#limit
      throw new UsdtSpecError(
        `all ${this.#limit} places for probe specifications are taken`,
        'raise max_entries of __bpf_usdt_specs before loading',
      )
    }
    view(this.#specs.key).setUint32(0, id, true)
    this.#specs.value.set(value)
    const errno = this.#specs.update()
    if (errno !== 0) {
      this.remove(id)
      throw this.#specs.error('update', errno)
    }
    return id
  }

  /** A probe without arguments and cookie leaves no trace here, and needs none. */
  #firstUnused(): number {
    for (let id = this.#limit; id > 0; id--) {
      view(this.#specs.key).setUint32(0, id - 1, true)
      const errno = this.#specs.lookup()
      if (errno !== 0) throw this.#specs.error('lookup', errno)
      if (this.#specs.value.some(byte => byte !== 0)) return id
    }
    return 0
  }

  /** Gives a place back, when no probe uses it any more. */
  remove(id: number): void {
    this.#free.push(id)
  }

  /** Says which specification the probe at an address of a process has, for kernels without cookies. @throws UsdtSpecError */
  addAddress(address: bigint, id: number): void {
    if (this.#addresses === undefined)
      throw new UsdtSpecError('the object has no map from addresses to specifications, and the kernel no cookies')
    view(this.#addresses.key).setBigUint64(0, address, true)
    view(this.#addresses.value).setUint32(0, id, true)
    const errno = this.#addresses.update(ElemFlag.Noexist)
    if (errno !== 0) throw this.#addresses.error('update', errno)
  }

  removeAddress(address: bigint): void {
    if (this.#addresses === undefined) return
    view(this.#addresses.key).setBigUint64(0, address, true)
    this.#addresses.delete()
  }
}

/** The arguments, a cookie of 8 bytes, a count of 2, and padding. */
function sizeOf(argumentSize: number): number {
  return argumentLimit * argumentSize + 16
}

/** `struct __bpf_usdt_spec`. @throws UsdtSpecError */
export function encodeSpec(layout: SpecLayout, args: readonly UsdtArgument[], cookie: bigint): Uint8Array {
  if (args.length > argumentLimit) throw new UsdtSpecError(`the probe has ${args.length} arguments, programs can see ${argumentLimit}`)
  const bytes = new Uint8Array(sizeOf(layout.argumentSize))
  for (const [index, argument] of args.entries()) encodeArgument(layout, argument, bytes.subarray(index * layout.argumentSize))
  const tail = argumentLimit * layout.argumentSize
  view(bytes).setBigUint64(tail, BigInt.asUintN(64, cookie), true)
  view(bytes).setInt16(tail + 8, args.length, true)
  return bytes
}

function encodeArgument(layout: SpecLayout, { size, signed, place }: UsdtArgument, bytes: Uint8Array): void {
  const out = view(bytes)
  const value = place.kind === 'constant' ? place.value : place.kind === 'register' ? 0n : place.offset
  out.setBigUint64(0, BigInt.asUintN(64, value), true)
  out.setUint8(layout.type, placeTypes[place.kind])
  if (place.kind !== 'constant') out.setInt16(layout.register, place.register, true)
  if (place.kind === 'indexed') {
    if (layout.index === undefined)
      throw new UsdtSpecError('the object was built before programs could read indexed arguments', 'build it with libbpf 1.7 or newer')
    out.setUint16(layout.index, place.index | (place.shift << 12), true)
  }
  out.setUint8(layout.signed, signed ? 1 : 0)
  out.setUint8(layout.shift, 64 - size * 8)
}

function view(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

/** A probe's arguments cannot be described to the program. */
export class UsdtSpecError extends BpfError {
  override readonly name = 'UsdtSpecError'

  constructor(problem: string, hint?: string) {
    super('ERR_BPF_USDT_SPEC', problem, { hint })
  }
}
