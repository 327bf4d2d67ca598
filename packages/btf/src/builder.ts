import { ByteWriter } from '@bpf/bytes'
import { BtfBuildError } from './build-error'
import { mapReferences } from './references'
import { assembleBtf, checkReferences, layoutSection, stringTableOn } from './sections'
import type { StringTable } from './string-table'
import { encodeType } from './type-encode'
import type { TypeInput } from './type-input'
import type { Btf, TypeId } from './types'

export interface EncodeOptions {
  /** Writes split BTF: ids go on where the base's end, and the base's strings are reused. */
  readonly base?: Btf | undefined
  /** Byte order; that of the base, or little. */
  readonly littleEndian?: boolean | undefined
  /** Adds the table of record sizes by kind, so that older readers can skip newer kinds. Kernels before 7.1 refuse it. */
  readonly layout?: boolean | undefined
}

/**
 * Collects types and writes them as BTF. Types may refer to ids that are added later; `reserve` gives out such an id:
 *
 *     const btf = new BtfBuilder()
 *     const node = btf.reserve()
 *     const next = btf.add({ kind: 'ptr', type: node })
 *     btf.set(node, { kind: 'struct', name: 'node', size: 8, members: [{ name: 'next', type: next, bitOffset: 0, bitSize: 0 }] })
 */
export class BtfBuilder {
  readonly littleEndian: boolean
  readonly base: Btf | undefined
  /** Id of the first type added. */
  readonly startId: number
  readonly #layout: boolean
  readonly #strings: StringTable
  readonly #types: (TypeInput | undefined)[] = []

  constructor({ base, littleEndian, layout = false }: EncodeOptions = {}) {
    this.base = base
    this.littleEndian = littleEndian ?? base?.littleEndian ?? true
    this.startId = base?.endId ?? 1
    this.#layout = layout
    this.#strings = stringTableOn(base)
  }

  /** The id that the next type gets. */
  get nextId(): TypeId {
    return (this.startId + this.#types.length) as TypeId
  }

  add(type: TypeInput): TypeId {
    const id = this.nextId
    this.#types.push(type)
    return id
  }

  /** An id for a type that `set` gives later, for types that refer to each other. */
  reserve(): TypeId {
    const id = this.nextId
    this.#types.push(undefined)
    return id
  }

  /** Gives a reserved id its type, or changes one. @throws BtfBuildError if the id is not of this builder. */
  set(id: TypeId, type: TypeInput): void {
    if (id < this.startId || id >= this.nextId) throw new BtfBuildError('no such type in this builder', id)
    this.#types[id - this.startId] = type
  }

  /**
   * Adds a blob's own types behind those that are there. Duplicates stay: `dedupBtf` is for them.
   *
   * @returns what becomes of the blob's ids
   * @throws BtfError if a type cannot be read, BtfBuildError if the blob goes on from another base, or has unknown kinds
   */
  addAll(btf: Btf): (id: TypeId) => TypeId {
    if (btf.base !== this.base) throw new BtfBuildError('the BTF to be added has another base')
    const shift = this.nextId - btf.startId
    const moved = (id: TypeId): TypeId => (id < btf.startId ? id : ((id + shift) as TypeId))
    for (let id = btf.startId; id < btf.endId; id++) {
      const type = btf.type(id)
      if (type.kind === 'void' || type.kind === 'unknown') throw new BtfBuildError('of an unknown kind', id)
      this.add(mapReferences(type, moved))
    }
    return moved
  }

  /** The offset of a string, stored if need be: for `.BTF.ext`. */
  string(text: string): number {
    return this.#strings.add(text)
  }

  /** @throws BtfBuildError if BTF cannot express a type, a reserved id has none, or a type refers to an id that does not exist. */
  toBytes(): Uint8Array<ArrayBuffer> {
    const { littleEndian } = this
    const writer = new ByteWriter({ littleEndian })
    for (const [index, type] of this.#types.entries()) {
      const id = this.startId + index
      if (type === undefined) throw new BtfBuildError('reserved but never set', id)
      checkReferences(type, id, this.nextId)
      encodeType(type, id, writer, this.#strings)
    }
    const layout = this.#layout ? layoutSection() : undefined
    return assembleBtf({ types: writer.toBytes(), strings: this.#strings.toBytes(), layout }, littleEndian)
  }
}
