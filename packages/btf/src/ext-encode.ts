import { ByteWriter } from '@bpf/bytes'
import { btfMagic } from './header'
import type { BtfExt, TypeId } from './types'

/** Where the strings of `.BTF.ext` go: a `BtfBuilder`, before it writes its bytes. */
export interface ExtStrings {
  readonly littleEndian: boolean
  string(text: string): number
}

const headerSize = 32

/** Writes `.BTF.ext`. Its type ids and string offsets must be those of the BTF that `strings` belongs to; see `mapBtfExt`. */
export function encodeBtfExt(ext: BtfExt, strings: ExtStrings): Uint8Array<ArrayBuffer> {
  const { littleEndian } = strings
  const funcInfo = table(ext.funcInfo, 2, strings, info => [info.offset, info.typeId])
  const lineInfo = table(ext.lineInfo, 4, strings, info => [
    info.offset,
    info.fileNameOffset,
    info.lineOffset,
    ((info.line << 10) | info.column) >>> 0,
  ])
  const core = table(ext.coreRelocations, 4, strings, record => [record.offset, record.typeId, strings.string(record.access), record.kind])
  const out = new ByteWriter({ littleEndian })
  out.u16(btfMagic).u8(1).u8(0).u32(headerSize)
  let offset = 0
  for (const part of [funcInfo, lineInfo, core]) {
    out.u32(offset).u32(part.byteLength)
    offset += part.byteLength
  }
  return out.bytes(funcInfo).bytes(lineInfo).bytes(core).toBytes()
}

/** The record size, then per section its name, its count of records, and these. Nothing at all without records. */
function table<T>(
  sections: ReadonlyMap<string, readonly T[]>,
  words: number,
  strings: ExtStrings,
  encode: (record: T) => readonly number[],
): Uint8Array {
  const out = new ByteWriter({ littleEndian: strings.littleEndian })
  for (const [name, records] of sections) {
    if (records.length === 0) continue
    if (out.length === 0) out.u32(words * 4)
    out.u32(strings.string(name)).u32(records.length)
    for (const record of records) for (const word of encode(record)) out.u32(word)
  }
  return out.toBytes()
}

/** `.BTF.ext` for BTF that was renumbered: every type id and string offset replaced. */
export function mapBtfExt(ext: BtfExt, typeId: (id: TypeId) => TypeId, string: (offset: number) => number): BtfExt {
  return {
    funcInfo: mapRecords(ext.funcInfo, info => ({ ...info, typeId: typeId(info.typeId) })),
    lineInfo: mapRecords(ext.lineInfo, info => ({
      ...info,
      fileNameOffset: string(info.fileNameOffset),
      lineOffset: string(info.lineOffset),
    })),
    coreRelocations: mapRecords(ext.coreRelocations, record => ({ ...record, typeId: typeId(record.typeId) })),
  }
}

function mapRecords<T>(sections: ReadonlyMap<string, readonly T[]>, map: (record: T) => T): ReadonlyMap<string, readonly T[]> {
  return new Map(Array.from(sections, ([name, records]) => [name, records.map(map)]))
}
