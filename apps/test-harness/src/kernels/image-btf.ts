import { gunzipSync } from 'node:zlib'
import { parseElf, sectionByName, sectionData } from '@bpf/elf'
import { decompressBy } from './decompress'
import { KernelImageError } from './errors'
import { unpackLz4 } from './lz4'

/** Fields of the setup header of x86 (Documentation/arch/x86/boot.rst), in bytes from the start of the image. */
const Header = { setupSectors: 0x1f1, magic: 0x202, payloadOffset: 0x248, payloadLength: 0x24c, end: 0x250 } as const
const headerMagic = 0x53726448 // "HdrS"
const sectorSize = 512
/** What follows the payload: the size of what it becomes. */
const trailerSize = 4

/** A kernel takes some fifty megabytes. */
const maxKernelSize = 1 << 29

type Decompress = (data: Uint8Array) => Uint8Array

/** How Debian and others compress kernels, by the first bytes. */
const compressions: readonly { readonly magic: readonly number[]; readonly decompress: Decompress }[] = [
  { magic: [0x1f, 0x8b], decompress: data => gunzipSync(data, { maxOutputLength: maxKernelSize }) },
  { magic: [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00], decompress: data => decompressBy('xz', data) },
  { magic: [0x28, 0xb5, 0x2f, 0xfd], decompress: data => decompressBy('zstd', data) },
  { magic: [0x02, 0x21, 0x4c, 0x18], decompress: unpackLz4 },
  { magic: [0x7f, 0x45, 0x4c, 0x46], decompress: data => data },
]

/**
 * The kernel's types out of its image, without booting it: a bzImage of x86, or a vmlinux that was unpacked.
 * @throws KernelImageError for other images, and for kernels without BTF
 */
export function imageBtf(image: Uint8Array, name: string): Uint8Array {
  const payload = payloadOf(image) ?? image
  const compression = compressions.find(({ magic }) => magic.every((byte, index) => payload[index] === byte))
  if (compression === undefined) {
    throw new KernelImageError(`${name} is no image that BTF can be read from`, { hint: 'known are bzImage of x86 and vmlinux' })
  }
  const vmlinux = parseElf(unpacked(payload, compression.decompress, name))
  const section = sectionByName(vmlinux, '.BTF')
  if (section === undefined) throw new KernelImageError(`kernel ${name} has no BTF`, { hint: 'it was built without CONFIG_DEBUG_INFO_BTF' })
  return sectionData(vmlinux, section)
}

function unpacked(payload: Uint8Array, decompress: Decompress, name: string): Uint8Array {
  try {
    return decompress(payload)
  } catch (cause) {
    const hint = cause instanceof KernelImageError ? cause.hint : undefined
    throw new KernelImageError(`kernel ${name} cannot be unpacked`, { cause, ...(hint !== undefined && { hint }) })
  }
}

/** What the boot code of a bzImage unpacks; undefined if the image is none. */
function payloadOf(image: Uint8Array): Uint8Array | undefined {
  if (image.length < Header.end) return undefined
  const view = new DataView(image.buffer, image.byteOffset, image.byteLength)
  if (view.getUint32(Header.magic, true) !== headerMagic) return undefined
  const sectors = view.getUint8(Header.setupSectors) || 4
  const start = (sectors + 1) * sectorSize + view.getUint32(Header.payloadOffset, true)
  return image.subarray(start, start + view.getUint32(Header.payloadLength, true) - trailerSize)
}
