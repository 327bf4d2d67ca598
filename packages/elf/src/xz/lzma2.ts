import type { Cursor } from '@bpf/bytes'
import { LzmaDecoder, type LzmaOutput, type LzmaProperties, lzmaProperties } from './lzma'
import { RangeDecoder } from './range-decoder'
import { XzError } from './xz-error'

/** The first byte of a chunk: stored as it is, or, from `lzma` on, compressed. */
const Control = { end: 0, storedAfterReset: 1, stored: 2, lzma: 0x80 } as const
/** What a compressed chunk forgets of those before it, in bits 5 and 6: each forgets what the lower ones do. */
const Reset = { state: 1, properties: 2, everything: 3 } as const

/** Decodes the chunks of LZMA2, which fill `output` exactly. @throws XzError, BoundsError */
export function decodeLzma2(chunks: Cursor, output: Uint8Array): void {
  const to: LzmaOutput = { bytes: output, start: 0, at: 0 }
  let properties: LzmaProperties | undefined
  let decoder: LzmaDecoder | undefined
  for (let control = chunks.u8(), isFirst = true; control !== Control.end; control = chunks.u8(), isFirst = false) {
    const isLzma = control >= Control.lzma
    const reset = isLzma ? (control >> 5) & 3 : 0
    if (!isLzma && control > Control.stored) throw new XzError(`there are no chunks of kind ${control}`)
    const forgetsAll = control === Control.storedAfterReset || reset === Reset.everything
    if (isFirst && !forgetsAll) throw new XzError('the first chunk continues another')
    if (forgetsAll) {
      to.start = to.at
      properties = undefined
      decoder = undefined
    }
    const size = (isLzma ? (control & 0x1f) << 16 : 0) + chunks.u16() + 1
    if (size > output.length - to.at) throw new XzError('there is more in it than its index says')
    if (!isLzma) {
      output.set(chunks.bytes(size), to.at)
      to.at += size
      continue
    }
    const compressedSize = chunks.u16() + 1
    if (reset >= Reset.properties) properties = lzmaProperties(chunks.u8())
    if (reset >= Reset.state && properties !== undefined) decoder = new LzmaDecoder(properties)
    if (decoder === undefined) throw new XzError('a chunk does not say how it is compressed')
    decoder.decode(new RangeDecoder(chunks.bytes(compressedSize)), to, size)
  }
  if (to.at !== output.length) throw new XzError('there is less in it than its index says')
}
