import { plainBytes } from '@bpf/bytes'
import { buildType, type RecordSource } from './build-type'
import { BtfError } from './errors'
import { type BtfHeader, parseHeader } from './header'
import { type KindLayout, kindName, kindOfInfo } from './kinds'
import { NameIndex } from './name-index'
import { StringSection } from './strings'
import { functionsOf, indexOfPlace, indexTypes, layoutTable, type TypeIndex } from './type-index'
import type { Btf, BtfType, BtfTypeOf, TypeId, VoidType } from './types'

export interface ParseBtfOptions {
  /** What split BTF (of a kernel module, of a distilled base) goes on from. */
  readonly base?: Btf | undefined
  /** Named in errors; `BTF` if not given. */
  readonly context?: string
}

/**
 * Parses a BTF blob: the contents of a `.BTF` section or of a file in /sys/kernel/btf. Either byte order.
 *
 * Takes one pass over the type section for the offset of each type. A type is built, and what is in it checked, when it is
 * asked for, once; `checkBtf` does it for all. The first look-up by name makes the name index. `bytes` are shared, not copied:
 * do not change them.
 *
 * @throws BtfError if header, sections or record sizes are wrong, or (`ERR_BPF_BTF_NEWER`) a kind is unknown and the blob
 * has no layout for it
 */
export function parseBtf(bytes: Uint8Array, options: ParseBtfOptions = {}): Btf {
  return new LazyBtf(plainBytes(bytes), options)
}

const pageBits = 8
const pageMask = 2 ** pageBits - 1

const voidType: VoidType = { kind: 'void', id: 0 as TypeId, name: '' }

/** What compilers call `long` and `unsigned long`. */
const longNames = ['long int', 'long unsigned int', 'long', 'unsigned long', 'unsigned long int']

/** `long` is as wide as a pointer on every Linux. */
function sizeOfLong(btf: Btf): 4 | 8 {
  return longNames.some(name => btf.find(name, 'int')?.size === 4) ? 4 : 8
}

class LazyBtf implements Btf {
  readonly bytes: Uint8Array
  readonly littleEndian: boolean
  readonly base: Btf | undefined
  readonly strings: StringSection
  readonly startId: number
  readonly endId: number
  readonly #source: RecordSource
  /** Of the type section. */
  readonly #start: number
  readonly #index: TypeIndex
  readonly #layoutOf: (kind: number) => KindLayout | undefined
  /** Types built so far, in pages that come with the first of their types: one table for all would be as large as the index. */
  readonly #pages: BtfType[][] = []
  #pointerSize: 4 | 8 | undefined
  #typeNames: NameIndex | undefined
  #functionNames: NameIndex | undefined

  constructor(bytes: Uint8Array, options: ParseBtfOptions) {
    const { base, context = 'BTF' } = options
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    const header = parseHeader(view, context)
    const { littleEndian, strings } = header
    if (base !== undefined && base.littleEndian !== littleEndian) throw new BtfError('byte order is not that of the base', { context })
    this.bytes = bytes
    this.littleEndian = littleEndian
    this.base = base
    this.strings = new StringSection(bytes.subarray(strings.offset, strings.offset + strings.length), base?.strings, context)
    this.#layoutOf = this.#layouts(view, header, context)
    this.#start = header.types.offset
    this.#index = indexTypes(view, header, this.#layoutOf, context)
    this.startId = base?.endId ?? 1
    this.endId = this.startId + this.#index.places.length
    this.#source = { view, littleEndian, strings: this.strings, endId: this.endId, context }
  }

  get pointerSize(): 4 | 8 {
    this.#pointerSize ??= this.base?.pointerSize ?? sizeOfLong(this)
    return this.#pointerSize
  }

  type(id: number): BtfType {
    if (id === 0) return voidType
    if (this.base !== undefined && id < this.startId) return this.base.type(id)
    const index = this.#indexOf(id)
    let page = this.#pages[index >>> pageBits]
    if (page === undefined) {
      page = []
      this.#pages[index >>> pageBits] = page
    }
    let type = page[index & pageMask]
    if (type === undefined) {
      type = buildType(this.#source, id, this.#offsetOf(id))
      page[index & pageMask] = type
    }
    return type
  }

  kindOf(id: number): number {
    if (id === 0) return 0
    if (this.base !== undefined && id < this.startId) return this.base.kindOf(id)
    const { view, littleEndian } = this.#source
    return kindOfInfo(view.getUint32(this.#offsetOf(id) + 4, littleEndian))
  }

  nameOf(id: number): string {
    if (id === 0) return ''
    if (this.base !== undefined && id < this.startId) return this.base.nameOf(id)
    const { view, littleEndian } = this.#source
    return this.string(view.getUint32(this.#offsetOf(id), littleEndian))
  }

  idsByName(name: string, ...kinds: BtfType['kind'][]): readonly TypeId[] {
    const wanted = kinds.length === 0 ? undefined : new Set(kinds)
    const functions = wanted === undefined || wanted.has('func') ? this.#functions().named(name) : []
    const types = wanted === undefined || [...wanted].some(kind => kind !== 'func') ? this.#types().named(name) : []
    const all = this.#idsOf([...types, ...functions].sort((a, b) => a - b))
    const own = wanted === undefined ? all : all.filter(id => wanted.has(kindName(this.kindOf(id))))
    return this.base === undefined ? own : [...this.base.idsByName(name, ...kinds), ...own]
  }

  idsByEssentialName(essential: string, options: { readonly ownOnly?: boolean } = {}): readonly TypeId[] {
    const own = this.#idsOf(this.#types().essentially(essential))
    return this.base === undefined || options.ownOnly === true ? own : [...this.base.idsByEssentialName(essential), ...own]
  }

  find<K extends BtfType['kind']>(name: string, kind: K): BtfTypeOf<K> | undefined {
    const [id] = this.idsByName(name, kind)
    return id === undefined ? undefined : (this.type(id) as BtfTypeOf<K>)
  }

  string(offset: number): string {
    return this.strings.get(offset)
  }

  /** Split BTF without a layout section of its own goes by the layout of its base. */
  #layouts(view: DataView, header: BtfHeader, context: string): (kind: number) => KindLayout | undefined {
    if (header.layout.length === 0 && this.base instanceof LazyBtf) return this.base.#layoutOf
    return layoutTable(view, header, context)
  }

  #types(): NameIndex {
    this.#typeNames ??= new NameIndex(this.#index.named, this.strings)
    return this.#typeNames
  }

  #functions(): NameIndex {
    this.#functionNames ??= new NameIndex(functionsOf(this.#index), this.strings)
    return this.#functionNames
  }

  #idsOf(places: readonly number[]): TypeId[] {
    return places.map(place => (this.startId + indexOfPlace(this.#index, place)) as TypeId)
  }

  /** Where the record of a type begins in the blob. */
  #offsetOf(id: number): number {
    return this.#start + (this.#index.places[this.#indexOf(id)] as number) * 4
  }

  #indexOf(id: number): number {
    const index = id - this.startId
    if (!(id >= this.startId && id < this.endId && Number.isInteger(id))) {
      throw new BtfError(`no type ${id}: ids end at ${this.endId - 1}`, {
        code: 'ERR_BPF_BTF_NO_TYPE',
        context: this.#source.context,
        typeId: id,
      })
    }
    return index
  }
}
