import { fits } from '@bpf/bytes'
import { BtfError } from './errors'
import { btfMagic, byteOrder } from './header'
import type { Btf, BtfExt, CoreRecord, FuncInfo, LineInfo, TypeId } from './types'

export interface ParseBtfExtOptions {
  /** The `.BTF` of the same object: it holds the names. */
  readonly btf: Btf
  /** Named in errors; `BTF.ext` if not given. */
  readonly context?: string
}

/** `struct btf_ext_header` up to `line_info_len`; with the CO-RE records it is 8 bytes longer. */
const minimumHeaderSize = 24
const coreHeaderSize = 32

/** Record sizes of the first version of each table; later ones may be longer, and their tails are skipped. */
const minimumRecordSize = { func_info: 8, line_info: 16, core_relo: 16 } as const

/**
 * Parses `.BTF.ext`: function, line and CO-RE records by the name of the ELF section that they are about.
 *
 * @throws BtfError if header, tables or names are wrong. Instruction offsets are not checked: sections are not known here.
 */
export function parseBtfExt(bytes: Uint8Array, options: ParseBtfExtOptions): BtfExt {
  const { btf, context = 'BTF.ext' } = options
  const reader = new ExtReader(bytes, btf, context)
  return {
    funcInfo: reader.table('func_info', 8, (word): FuncInfo => ({ offset: word(0), typeId: reader.typeId(word(1)) })),
    lineInfo: reader.table(
      'line_info',
      16,
      (word): LineInfo => ({
        offset: word(0),
        fileNameOffset: word(1),
        lineOffset: word(2),
        line: word(3) >>> 10,
        column: word(3) & 0x3ff,
      }),
    ),
    coreRelocations: reader.table(
      'core_relo',
      24,
      (word): CoreRecord => ({ offset: word(0), typeId: reader.typeId(word(1)), access: btf.string(word(2)), kind: word(3) }),
    ),
  }
}

class ExtReader {
  readonly #view: DataView
  readonly #btf: Btf
  readonly #context: string
  readonly #littleEndian: boolean
  readonly #headerSize: number

  constructor(bytes: Uint8Array, btf: Btf, context: string) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.#btf = btf
    this.#context = context
    const order = byteOrder(this.#view)
    if (order === undefined) throw this.#error(`not BTF.ext: magic 0x${btfMagic.toString(16)} is missing`, 0)
    if (bytes.length < minimumHeaderSize) throw this.#error(`header needs ${minimumHeaderSize} bytes, got ${bytes.length}`, 0)
    this.#littleEndian = order === 'little'
    if (this.#littleEndian !== btf.littleEndian) throw this.#error('byte order is not that of the BTF', 0)
    const version = this.#view.getUint8(2)
    if (version !== 1) throw this.#error(`BTF.ext version ${version} is not supported`, 2)
    const flags = this.#view.getUint8(3)
    if (flags !== 0) throw this.#error(`BTF.ext flags 0x${flags.toString(16)} are not supported`, 3)
    this.#headerSize = this.#u32(4)
    if (this.#headerSize < minimumHeaderSize || this.#headerSize > bytes.length) {
      throw this.#error(`header length ${this.#headerSize} is impossible`, 4)
    }
  }

  /**
   * One table: the record size, then per ELF section its name, a count and that many records.
   *
   * @param field where the header has the table's offset and length
   */
  table<T>(
    name: keyof typeof minimumRecordSize,
    field: number,
    read: (word: (n: number) => number) => T,
  ): ReadonlyMap<string, readonly T[]> {
    const sections = new Map<string, T[]>()
    if (name === 'core_relo' && this.#headerSize < coreHeaderSize) return sections
    const offset = this.#u32(field)
    const length = this.#u32(field + 4)
    if (length === 0) return sections
    if (!fits(offset, length, this.#view.byteLength - this.#headerSize)) {
      throw this.#error(`${name} table is past the end (${offset} + ${length} bytes)`, field)
    }
    if (offset % 4 !== 0) throw this.#error(`${name} table is not aligned to 4 bytes`, field)
    let at = this.#headerSize + offset
    const end = at + length
    if (end - at < 4) throw this.#error(`${name} table of ${length} bytes has no record size`, at)
    const recordSize = this.#u32(at)
    if (recordSize < minimumRecordSize[name] || recordSize % 4 !== 0) throw this.#error(`${name} record size ${recordSize} is wrong`, at)
    at += 4
    const word = (n: number) => this.#u32(at + n * 4)
    while (at < end) {
      if (end - at < 8) throw this.#error(`${name} table ends inside a section header`, at)
      const sectionName = this.#btf.string(this.#u32(at))
      const count = this.#u32(at + 4)
      at += 8
      if (count === 0) throw this.#error(`${name} table has no records of "${sectionName}"`, at - 4)
      if (count > (end - at) / recordSize) throw this.#error(`${name} table has no room for ${count} records of "${sectionName}"`, at - 4)
      const records = sections.get(sectionName) ?? []
      for (let index = 0; index < count; index++, at += recordSize) records.push(read(word))
      sections.set(sectionName, records)
    }
    return sections
  }

  /** @throws BtfError if the BTF has no such type. */
  typeId(id: number): TypeId {
    if (id >= this.#btf.endId) throw new BtfError(`record names type ${id}, which does not exist`, { context: this.#context, typeId: id })
    return id as TypeId
  }

  #u32(at: number): number {
    return this.#view.getUint32(at, this.#littleEndian)
  }

  #error(message: string, offset: number): BtfError {
    return new BtfError(message, { context: this.#context, offset })
  }
}
