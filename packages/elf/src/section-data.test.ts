import { readFixture } from '@bpf/fixtures'
import { describe, expect, it } from 'vitest'
import { buildElf, pack } from './build-elf'
import { CompressionType, compressedContents, type ElfFile, parseElf, SectionFlag, SectionType, sectionByName, sectionData } from './index'

const plain = parseElf(await readFixture('elf/sections.o'))
const zlib = parseElf(await readFixture('elf/sections-zlib.o'))
const zstd = parseElf(await readFixture('elf/sections-zstd.o'))

const section = (elf: ElfFile, name: string) => {
  const found = sectionByName(elf, name)
  if (found === undefined) throw new Error(`${name} is missing`)
  return found
}

const inflated = async (data: Uint8Array): Promise<Uint8Array> => {
  const stream = new Blob([data.slice()]).stream().pipeThrough(new DecompressionStream('deflate'))
  return new Uint8Array(await new Response(stream).arrayBuffer())
}

describe('sectionData', () => {
  it('shares memory with the file', () => {
    const license = sectionData(plain, section(plain, 'license'))
    expect(new TextDecoder().decode(license)).toBe('Dual BSD/GPL\0')
    expect(license.buffer).toBe(plain.bytes.buffer)
  })

  it('has nothing for sections without file contents', () => {
    const bss = section(plain, '.bss')
    expect([bss.size, sectionData(plain, bss).length]).toEqual([8, 0])
  })
})

describe('compressed sections', () => {
  const name = '.debug_info'

  it('are described without being decompressed', () => {
    const size = section(plain, name).size
    expect(compressedContents(plain, section(plain, name))).toBeUndefined()
    expect(compressedContents(zlib, section(zlib, name))).toMatchObject({ type: CompressionType.Zlib, size, alignment: 1 })
    expect(compressedContents(zstd, section(zstd, name))).toMatchObject({ type: CompressionType.Zstd, size, alignment: 1 })
  })

  it('are returned as stored without a decompressor, and whole with one', async () => {
    const stored = sectionData(zlib, section(zlib, name))
    expect(stored.length).toBe(section(zlib, name).size)
    const contents = await inflated(stored.subarray(24))
    expect(sectionData(zlib, section(zlib, name), { inflate: () => contents })).toEqual(sectionData(plain, section(plain, name)))
    expect(sectionData(plain, section(plain, name), { inflate: () => contents })).toEqual(sectionData(plain, section(plain, name)))
  })

  const claim = (type: number, size: bigint, littleEndian = true) => {
    const data = pack(littleEndian, type, 0, size, 1n, 'abcdefg')
    return parseElf(buildElf({ littleEndian, sections: [{ name: '.z', type: SectionType.Progbits, flags: SectionFlag.Compressed, data }] }))
  }
  const read = (elf: ElfFile, inflate: () => Uint8Array) => () => sectionData(elf, section(elf, '.z'), { inflate })

  it('say their size in the byte order of the file', () => {
    const elf = claim(CompressionType.Zlib, 5n, false)
    expect(compressedContents(elf, section(elf, '.z'))).toMatchObject({ type: CompressionType.Zlib, size: 5 })
  })

  it('may not claim more than their bytes can be', () => {
    const never = () => {
      throw new Error('must not be called')
    }
    expect(read(claim(CompressionType.Zlib, 1_000_000n), never)).toThrow('.z: 8 compressed bytes cannot be the claimed 1000000 bytes')
    expect(read(claim(CompressionType.Zstd, 2n ** 40n), never)).toThrow(/cannot be the claimed/)
    expect(read(claim(9, 8n), never)).toThrow('.z: unknown compression type 9')
  })

  it('must decompress to the claimed size', () => {
    expect(read(claim(CompressionType.Zlib, 4n), () => new Uint8Array(3))).toThrow('.z: decompressed to 3 bytes, but the header says 4')
    const cause = new Error('invalid stream')
    const failing = read(claim(CompressionType.Zlib, 4n), () => {
      throw cause
    })
    expect(failing).toThrow(expect.objectContaining({ code: 'ERR_BPF_ELF_COMPRESSION', cause }))
  })

  it('must have a header', () => {
    const sections = [{ name: '.z', type: SectionType.Progbits, flags: SectionFlag.Compressed, data: new Uint8Array(23) }]
    expect(read(parseElf(buildElf({ sections })), () => new Uint8Array())).toThrow('.z: 23 bytes hold no compression header')
  })
})
