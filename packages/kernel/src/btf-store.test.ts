import { encodeBtf, parseBtf, type TypeInput } from '@bpf/btf'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BtfStore } from './btf-store'
import { fakeFiles } from './testing/fake-files'
import { btfFileFor, readBtfFile } from './vmlinux-btf'

const int: TypeInput = { kind: 'int', name: 'int', size: 4, encoding: { signed: true } }
const vmlinux = encodeBtf([int])
const module = encodeBtf([{ kind: 'ptr', type: 1 as never }], { base: parseBtf(vmlinux) })

/** An ELF64 file with a section of names and one more. */
function elfWith(name: string, data: Uint8Array, littleEndian = true): Uint8Array {
  const names = new TextEncoder().encode(`\0.shstrtab\0${name}\0`)
  const tableOffset = 64
  const namesOffset = tableOffset + 3 * 64
  const bytes = new Uint8Array(namesOffset + names.byteLength + data.byteLength)
  const view = new DataView(bytes.buffer)
  bytes.set([0x7f, 0x45, 0x4c, 0x46, 2, littleEndian ? 1 : 2])
  view.setBigUint64(40, BigInt(tableOffset), littleEndian)
  for (const [at, value] of [
    [58, 64],
    [60, 3],
    [62, 1],
  ] as const)
    view.setUint16(at, value, littleEndian)
  const section = (index: number, nameAt: number, offset: number, size: number) => {
    view.setUint32(tableOffset + index * 64, nameAt, littleEndian)
    view.setBigUint64(tableOffset + index * 64 + 24, BigInt(offset), littleEndian)
    view.setBigUint64(tableOffset + index * 64 + 32, BigInt(size), littleEndian)
  }
  section(1, 1, namesOffset, names.byteLength)
  section(2, 11, namesOffset + names.byteLength, data.byteLength)
  bytes.set(names, namesOffset)
  bytes.set(data, namesOffset + names.byteLength)
  return bytes
}

function store(contents: Record<string, string | Uint8Array>, options: Partial<ConstructorParameters<typeof BtfStore>[0]> = {}) {
  const warnings: string[] = []
  const files = fakeFiles(contents)
  return {
    warnings,
    store: new BtfStore({ files, release: '6.1', vmlinux: undefined, modules: undefined, warn: text => warnings.push(text), ...options }),
  }
}

describe('BtfStore', () => {
  it("reads the kernel's own BTF, else that of an image on disk", () => {
    const own = store({ '/sys/kernel/btf/vmlinux': vmlinux, '/boot/vmlinux-6.1': elfWith('.BTF', vmlinux) }).store
    expect([own.path, own.vmlinux()?.find('int', 'int')?.size]).toEqual(['/sys/kernel/btf/vmlinux', 4])
    const disk = store({ '/lib/modules/6.1/build/vmlinux': elfWith('.BTF', vmlinux) }).store
    expect([disk.path, disk.vmlinux()?.find('int', 'int')?.size]).toEqual(['/lib/modules/6.1/build/vmlinux', 4])
    expect(store({}).store.vmlinux()).toBeUndefined()
  })

  it('reads each once', () => {
    const own = store({ '/sys/kernel/btf/vmlinux': vmlinux, '/sys/kernel/btf/nf': module }).store
    expect(own.vmlinux()).toBe(own.vmlinux())
    expect(own.module('nf')).toBe(own.module('nf'))
  })

  it('reads a module anew when another is loaded by its name, and one that is loaded later', () => {
    const contents: Record<string, Uint8Array> = { '/sys/kernel/btf/vmlinux': vmlinux }
    let loaded = 0
    const files = { ...fakeFiles(contents), version: (path: string) => (contents[path] === undefined ? undefined : String(loaded)) }
    const { store: own } = store({}, { files })
    const kindOfFirst = () => own.module('nf')?.type(2 as never).kind
    expect(kindOfFirst()).toBeUndefined()
    contents['/sys/kernel/btf/nf'] = module
    expect(kindOfFirst()).toBe('ptr')
    loaded++
    contents['/sys/kernel/btf/nf'] = encodeBtf([{ kind: 'const', type: 1 as never }], { base: parseBtf(vmlinux) })
    expect(kindOfFirst()).toBe('const')
    delete contents['/sys/kernel/btf/nf']
    expect(kindOfFirst()).toBeUndefined()
  })

  it('reads modules on top of the kernel, and skips a broken one with a warning', () => {
    const { store: own, warnings } = store({
      '/sys/kernel/btf/vmlinux': vmlinux,
      '/sys/kernel/btf/nf': module,
      '/sys/kernel/btf/broken': vmlinux.slice(0, 26),
    })
    expect(own.moduleNames()).toEqual(['broken', 'nf'])
    expect(own.module('nf')?.base).toBe(own.vmlinux())
    expect(own.module('broken')).toBeUndefined()
    expect(own.module('absent')).toBeUndefined()
    expect(warnings).toEqual([expect.stringMatching(/^BTF of module broken is skipped: /)])
  })

  it('takes a file that is given, and then no modules of this kernel', () => {
    const { store: own } = store({ '/tmp/5.10.btf': vmlinux, '/sys/kernel/btf/nf': module }, { vmlinux: '/tmp/5.10.btf' })
    expect([own.path, own.vmlinux()?.endId, own.moduleNames()]).toEqual(['/tmp/5.10.btf', 2, []])
    expect(() => store({}, { vmlinux: '/tmp/none' }).store.vmlinux()).toThrow('BTF: /tmp/none does not exist')
    expect(() => store({ '/tmp/text': Uint8Array.of(1) }, { vmlinux: '/tmp/text' }).store.vmlinux()).toThrow(
      'BTF: /tmp/text is neither BTF nor an ELF image',
    )
  })
})

describe('BTF of many kernels in a directory', () => {
  const files = fakeFiles({ '/btf/5.4.0-91.btf': vmlinux, '/btf/5.10.0': vmlinux, '/one.btf': vmlinux })

  it.each([
    ['/btf', '5.4.0-91', '/btf/5.4.0-91.btf'],
    ['/btf/', '5.10.0', '/btf/5.10.0'],
    ['/btf', '6.12.1', undefined],
    ['/one.btf', '6.12.1', '/one.btf'],
    ['/none', '6.12.1', '/none'],
  ])('%s for %s is %s', (path, release, file) => {
    expect(btfFileFor(files, path, release)).toBe(file)
  })
})

describe('readBtfFile', () => {
  const read = (bytes: Uint8Array) => readBtfFile(fakeFiles({ '/f': bytes }), '/f')

  it('finds the section in either byte order', () => {
    expect(read(elfWith('.BTF', vmlinux))).toEqual(vmlinux)
    expect(read(elfWith('.BTF', vmlinux, false))).toEqual(vmlinux)
    expect(read(elfWith('.text', vmlinux))).toBeUndefined()
    expect(read(Uint8Array.of(1, 2, 3, 4))).toBeUndefined()
  })

  it('says nothing of damaged images, and never crashes', () => {
    const image = elfWith('.BTF', vmlinux)
    fc.assert(
      fc.property(fc.nat(image.byteLength - 1), fc.nat(255), fc.nat(image.byteLength), (at, byte, length) => {
        const damaged = image.slice(0, length)
        damaged[at] = byte
        const found = read(damaged)
        expect(found === undefined || found instanceof Uint8Array).toBe(true)
      }),
      { numRuns: 1000 },
    )
  })
})
