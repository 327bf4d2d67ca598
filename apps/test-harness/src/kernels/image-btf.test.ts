import { gzipSync } from 'node:zlib'
import { parseElf, sectionByName, sectionData } from '@bpf/elf'
import { readFixture } from '@bpf/fixtures'
import { describe, expect, it } from 'vitest'
import { imageBtf } from './image-btf'

const vmlinux = await readFixture('core/fields-target.o')
const elf = parseElf(vmlinux)
const section = sectionByName(elf, '.BTF')
const btf = section && sectionData(elf, section)

/** An image as the kernel's build puts it together: boot sectors, boot code, payload, its unpacked size. */
function bzImage(payload: Uint8Array): Uint8Array {
  const [setupSectors, payloadOffset] = [3, 64]
  const start = (setupSectors + 1) * 512 + payloadOffset
  const image = new Uint8Array(start + payload.length + 4 + 100)
  const view = new DataView(image.buffer)
  view.setUint8(0x1f1, setupSectors)
  view.setUint32(0x202, 0x53726448, true)
  view.setUint32(0x248, payloadOffset, true)
  view.setUint32(0x24c, payload.length + 4, true)
  image.set(payload, start)
  return image
}

/** LZ4 without any compression: literals only, a block. */
function storedLz4(bytes: Uint8Array): Uint8Array {
  const rest = bytes.length - 15
  const length = [...Array(Math.floor(rest / 255)).fill(255), rest % 255]
  const block = [0xf0, ...length, ...bytes]
  const size = new Uint8Array(new Uint32Array([block.length]).buffer)
  return Uint8Array.from([0x02, 0x21, 0x4c, 0x18, ...size, ...block])
}

describe('BTF of a kernel image', () => {
  it('is that of vmlinux', () => {
    expect(imageBtf(vmlinux, 'vmlinux')).toEqual(btf)
  })

  it.each([
    ['gzip', gzipSync(vmlinux)],
    ['lz4', storedLz4(vmlinux)],
  ] as const)('is unpacked: %s', (_, payload) => {
    expect(Uint8Array.from(imageBtf(bzImage(payload), '6.12'))).toEqual(btf)
  })

  it('is missed', async () => {
    expect(() => imageBtf(new TextEncoder().encode('no kernel'), 'other')).toThrow('other is no image that BTF can be read from')
    const without = await readFixture('legacy/static-map.o')
    expect(() => imageBtf(bzImage(gzipSync(without)), '5.4')).toThrow('kernel 5.4 has no BTF')
    const packed = gzipSync(vmlinux)
    expect(() => imageBtf(bzImage(packed.subarray(0, packed.length / 2)), 'half')).toThrow('kernel half cannot be unpacked')
  })
})
