import { BtfBuilder, type EncodeOptions } from './builder'
import type { TypeInput } from './type-input'

/**
 * Writes types as BTF; the first gets id 1, or in split BTF the first id after the base.
 *
 * @throws BtfBuildError if BTF cannot express a type, or a type refers to an id that does not exist.
 */
export function encodeBtf(types: readonly TypeInput[], options: EncodeOptions = {}): Uint8Array<ArrayBuffer> {
  const builder = new BtfBuilder(options)
  for (const type of types) builder.add(type)
  return builder.toBytes()
}
