import { readFixture } from '@bpf/fixtures'
import { describe, expect, it } from 'vitest'
import { TestBtf } from '../testing/build-btf'
import { buildObject, code, func, type TestObject, words } from '../testing/build-object'
import { readSpec } from '../testing/read-fixture'
import { readObject } from './read-object'

const ascii = (text: string): Uint8Array => new TextEncoder().encode(text)
const program: TestObject = { sections: { xdp: code('r0 = 2\nexit') }, symbols: [func('f', 'xdp', 0, 16)] }
const withSections = (sections: TestObject['sections'], more: Partial<TestObject> = {}) =>
  buildObject({ ...program, ...more, sections: { ...program.sections, ...sections } })

describe('an object', () => {
  it('is called what the caller calls it', () => {
    expect(readObject(buildObject(program), { name: 'filter' }).name).toBe('filter')
    expect(readObject(buildObject(program)).name).toBe('object')
  })

  it.each([
    ['GPL\0', 'GPL'],
    ['Dual MIT/GPL\0\0\0', 'Dual MIT/GPL'],
    ['GPL', 'GPL'],
    ['\0', ''],
  ])('has the license %j', (text, license) => {
    expect(readObject(withSections({ license: { bytes: ascii(text) } })).license).toBe(license)
  })

  it('has a version', () => {
    expect(readObject(withSections({ version: { bytes: words(0x041200) } })).version).toBe(0x041200)
  })

  it('may have neither', () => {
    expect(readObject(buildObject(program))).toMatchObject({ license: '', version: 0 })
  })

  it('may be of a compiler that set no machine', () => {
    expect(readObject(buildObject({ ...program, machine: 0 })).programs).toMatchObject([{ name: 'f' }])
  })

  it('says for every DATASEC what compilers leave out', async () => {
    const { dataSections } = await readSpec('object/data')
    expect(dataSections.find(({ name }) => name === '.data')).toEqual({
      name: '.data',
      size: 36,
      symbols: [
        { name: 'initialised', offset: 0, hidden: false },
        { name: 'second', offset: 8, hidden: false },
        { name: 'hidden', offset: 16, hidden: true },
        { name: 'weak_one', offset: 20, hidden: false },
      ],
    })
  })
})

describe('what is no BPF object', () => {
  it.each<[code: string, cause: string, bytes: Uint8Array]>([
    ['ERR_BPF_NOT_ELF', '', ascii('#!/bin/sh\n')],
    ['ERR_BPF_OBJECT_NOT_BPF', 'ELF file is for X86_64, not for BPF (247)', buildObject({ ...program, machine: 62 })],
    ['ERR_BPF_OBJECT_NOT_BPF', 'ELF file is of type 2, not a relocatable object (1)', buildObject({ ...program, type: 2 })],
    ['ERR_BPF_OBJECT_LICENSE', 'section license is empty', withSections({ license: { bytes: new Uint8Array() } })],
    ['ERR_BPF_OBJECT_VERSION', 'section version has 8 bytes, must be 4', withSections({ version: { bytes: words(0, 0) } })],
  ])('%s: %s', (code, cause, bytes) => {
    expect(() => readObject(bytes)).toThrow(expect.objectContaining({ code, message: expect.stringContaining(cause) }))
  })

  it('because it was stripped', async () => {
    const bytes = (await readFixture('object/maps.o')).slice()
    const view = new DataView(bytes.buffer)
    const headers = Number(view.getBigUint64(40, true))
    for (let at = headers; at < bytes.length; at += 64) if (view.getUint32(at + 4, true) === 2) view.setUint32(at + 4, 1, true)
    expect(() => readObject(bytes)).toThrow(
      expect.objectContaining({ code: 'ERR_BPF_OBJECT_STRIPPED', hint: expect.stringContaining('llvm-strip -g') }),
    )
  })
})

describe('BTF', () => {
  const damaged = ascii('no BTF at all')
  const maps = { '.maps': { bytes: new Uint8Array(8) } }

  it('that is damaged is left out with a warning', () => {
    const { btf, warnings, programs } = readObject(withSections({ '.BTF': { bytes: damaged } }))
    expect(btf).toBeUndefined()
    expect(warnings).toEqual([expect.stringContaining('.BTF is ignored: ')])
    expect(programs).toHaveLength(1)
  })

  it('is required when something is defined by it', () => {
    const required = 'ERR_BPF_OBJECT_BTF_REQUIRED'
    expect(() => readObject(withSections(maps))).toThrow(
      expect.objectContaining({ code: required, message: 'object has no .BTF, but section .maps is defined by it' }),
    )
    expect(() => readObject(withSections({ ...maps, '.BTF': { bytes: damaged } }))).toThrow(
      expect.objectContaining({ code: required, section: '.BTF', message: expect.stringMatching(/damaged .*, but section .maps/) }),
    )
    expect(() => readObject(withSections({}, { symbols: [{ name: 'CONFIG_HZ' }] }))).toThrow(
      'object has no .BTF, but the type of extern "CONFIG_HZ" is in it',
    )
    expect(() => readObject(withSections({ '.struct_ops': { bytes: new Uint8Array(8) } }))).toThrow('section .struct_ops is defined by it')
  })

  it('extensions that are damaged are left out with a warning, unless BTF is required', () => {
    const btf = new TestBtf().toBytes()
    const ext = { '.BTF.ext': { bytes: damaged } }
    const { btfExt, warnings } = readObject(withSections(ext, { btf }))
    expect(btfExt).toBeUndefined()
    expect(warnings).toEqual([expect.stringContaining('.BTF.ext is ignored: ')])
    expect(() => readObject(withSections({ ...ext, ...maps }, { btf }))).toThrow(
      expect.objectContaining({ code: 'ERR_BPF_OBJECT_BTF_REQUIRED', section: '.BTF.ext' }),
    )
  })

  it.each(['.BTF', '.BTF.ext'])('%s has to be a section of bytes', name => {
    const sections = { '.BTF': { bytes: new TestBtf().toBytes() }, [name]: { bytes: words(0), type: 7 } }
    expect(() => readObject(withSections(sections))).toThrow(`section ${name} is of type 7, not PROGBITS`)
  })
})
