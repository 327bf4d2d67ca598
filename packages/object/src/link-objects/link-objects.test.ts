import { SymbolBinding, SymbolVisibility } from '@bpf/elf'
import { readFixture } from '@bpf/fixtures'
import { describe, expect, it } from 'vitest'
import { readObject } from '../read/read-object'
import type { ObjectSpec } from '../spec'
import { buildObject, code, func, object, type TestObject, words } from '../testing/build-object'
import { functionOf } from '../testing/read-fixture'
import { linkObjects } from './link-objects'

const inputs = (names: readonly string[]) =>
  Promise.all(names.map(async name => ({ name: `${name}.o`, bytes: await readFixture(`link/${name}.o`) })))

async function link(...names: readonly string[]): Promise<ObjectSpec> {
  return readObject(linkObjects(await inputs(names)), { name: 'linked' })
}

/** The functions that an entry program calls or takes the address of, and what they do so with, by name. */
const callees = (spec: ObjectSpec, name: string) =>
  functionOf(spec, name).references.flatMap(reference => (reference.kind === 'function' ? [reference.function] : []))

/** A variable's first number. */
function numberIn(spec: ObjectSpec, name: string, n = 0): number | undefined {
  const variable = spec.variables.filter(variable => variable.name === name)[n]
  const contents = spec.maps.find(map => map.name === variable?.map)?.contents
  if (variable === undefined || contents === undefined) return undefined
  return new DataView(contents.buffer, contents.byteOffset + variable.offset).getUint32(0, spec.littleEndian)
}

describe.each([
  ['main', 'library'],
  ['library', 'main'],
  ['main-be', 'library-be'],
])('%s linked with %s', (...names) => {
  it('has the programs of both, and their functions once', async () => {
    const spec = await link(...names)
    expect(spec.programs.map(({ name }) => name).toSorted()).toEqual(['run', 'run_library'])
    const count = (name: string) => spec.functions.filter(fn => fn.name === name || fn.name.startsWith(`${name}@`)).length
    expect(['library_add', 'chosen', 'first_wins', 'private_function', 'each'].map(count)).toEqual([1, 1, 1, 2, 2])
  })

  it('calls what the other object defines', async () => {
    const spec = await link(...names)
    expect(callees(spec, 'main_add')).toContain('library_add')
    expect(callees(spec, 'run')).toContain('library_add')
    expect(spec.externs.filter(({ kind }) => kind === 'undefined')).toEqual([])
  })

  it('keeps static functions and variables of one name apart', async () => {
    const spec = await link(...names)
    const [own] = callees(spec, 'main_add')
    const [theirs] = callees(spec, 'library_add')
    expect(own).not.toBe(theirs)
    const stateOf = (name: string | undefined) => {
      const [reference] = functionOf(spec, name ?? '').references
      return spec.variables.find(({ offset, map }) => reference?.kind === 'mapValue' && offset === reference.offset && map === '.data')
    }
    expect(stateOf(own)?.name).toBe('private_state')
    const values = [0, 1].map(n => numberIn(spec, 'private_state', n))
    expect(values.toSorted()).toEqual([10, 1000])
    expect(callees(spec, 'run').filter(name => name.startsWith('each'))).not.toEqual(
      callees(spec, 'run_library').filter(name => name.startsWith('each')),
    )
  })

  it('has the strong definition of a function, or the first of weak ones', async () => {
    const spec = await link(...names)
    expect(functionOf(spec, 'chosen').linkage).toBe('global')
    expect(functionOf(spec, 'first_wins').linkage).toBe('weak')
    const { code } = functionOf(spec, 'first_wins')
    const added = new DataView(code.buffer, code.byteOffset).getInt32(12, spec.littleEndian)
    expect(added).toBe(names[0].startsWith('main') ? 100 : 200)
  })

  it('has each map once, also if it was declared before it was defined', async () => {
    const spec = await link(...names)
    expect(
      spec.maps
        .filter(({ origin }) => origin.kind === 'btf')
        .map(({ name }) => name)
        .toSorted(),
    ).toEqual(['counters', 'programs'])
    expect(functionOf(spec, 'run').references.filter(reference => reference.kind === 'map')).toMatchObject([
      { map: 'counters' },
      { map: 'counters' },
    ])
  })

  it('has the initial values of both', async () => {
    const spec = await link(...names)
    expect(numberIn(spec, 'library_state')).toBe(77)
    expect(numberIn(spec, 'library_origin')).toBe(11)
    expect(numberIn(spec, 'main_point')).toBe(3)
    expect(spec.maps.find(({ name }) => name === '.rodata.str1.1')?.contents).toHaveLength('main\0library\0'.length)
  })

  it('asks the kernel for what any of them asked for, once', async () => {
    const spec = await link(...names)
    expect(spec.externs.map(({ name, kind }) => [name, kind])).toEqual([
      ['CONFIG_HZ', 'kconfig'],
      ['LINUX_KERNEL_VERSION', 'kconfig'],
      ['CONFIG_BPF_SYSCALL', 'kconfig'],
      ['bpf_rcu_read_lock', 'kfunc'],
      ['bpf_rcu_read_unlock', 'kfunc'],
    ])
  })

  it('has types, lines and tags of all functions', async () => {
    const spec = await link(...names)
    for (const fn of spec.functions) {
      expect(spec.btf?.nameOf(fn.typeId)).toBe(fn.name.replace(/@.*/, ''))
      expect(fn.lineInfo.length).toBeGreaterThan(0)
    }
    expect(spec.btf?.idsByName('point', 'struct')).toHaveLength(1)
    expect(spec.btf?.idsByName('handle', 'struct')).toHaveLength(1)
    expect(spec.license).toBe('GPL')
  })
})

describe('objects that contradict each other', () => {
  it.each([
    [1, '"library_state" is defined in library.o too'],
    [2, '"library_state" is not what it is in library.o: int int has 4 bytes or 8'],
    [3, '"counters" is not what it is in library.o: maxEntries is 4 or 5'],
    [4, '"library_add" is not what it is in library.o: it has 2 parameters or 1'],
    [5, '"library_state" is not what it is in library.o: it is in section .ksyms or .data'],
    [6, 'section license is not what it is in objects before it'],
  ])('clash %i: %s', async (number, cause) => {
    const objects = await inputs(['library', `clash-${number}`])
    expect(() => linkObjects(objects)).toThrow(
      expect.objectContaining({ code: 'ERR_BPF_OBJECT_LINK', message: `clash-${number}.o: ${cause}` }),
    )
  })

  it('are of different byte order', async () => {
    const objects = await inputs(['main', 'library-be'])
    expect(() => linkObjects(objects)).toThrow('library-be.o: it is big-endian, main.o is not')
  })

  it('or are none', async () => {
    expect(() => linkObjects([])).toThrow('there is nothing to link')
    expect(() => linkObjects([{ name: 'a.o', bytes: new Uint8Array(3) }])).toThrow(
      expect.objectContaining({ code: 'ERR_BPF_OBJECT_LINK', message: expect.stringMatching(/^a\.o: not an ELF file/) }),
    )
  })
})

describe('linking in steps', () => {
  it('leaves undefined what is not there yet', async () => {
    const [main, library] = await inputs(['main', 'library'])
    if (main === undefined || library === undefined) throw new Error('no fixtures')
    const partial = linkObjects([{ name: 'partial.o', bytes: linkObjects([library]) }, main])
    expect(partial).toEqual(linkObjects([library, main]))
  })

  it.each(['object/maps', 'object/data', 'object/functions', 'object/externs', 'object/struct-ops', 'object/arena', 'object/maps-be'])(
    'changes nothing about %s alone',
    async fixture => {
      const bytes = await readFixture(`${fixture}.o`)
      const [before, after] = [readObject(bytes), readObject(linkObjects([{ name: 'a.o', bytes }]))]
      const facts = ({ maps, programs, functions, variables }: ObjectSpec) => ({
        maps: maps.map(map => ({
          ...map,
          keyTypeId: 0,
          valueTypeId: 0,
          inner: map.inner && { ...map.inner, keyTypeId: 0, valueTypeId: 0 },
        })),
        programs,
        functions: functions.map(({ name, code, references, linkage, offset }) => ({ name, code, references, linkage, offset })),
        variables: variables.map(variable => ({ ...variable, typeId: 0 })),
      })
      expect(facts(after)).toEqual(facts(before))
    },
  )
})

describe('objects without BTF', () => {
  const first: TestObject = {
    sections: { socket: code('call helper\nexit'), maps: { bytes: words(1, 4, 4, 1, 0) }, '.data': { bytes: words(1, 2) } },
    symbols: [func('first', 'socket', 0, 16), func('helper', 'socket', 0, 16), object('one', 'maps', 0, 20), object('v', '.data', 0, 8)],
  }
  const linked = (...objects: readonly TestObject[]) =>
    readObject(linkObjects(objects.map((parts, index) => ({ name: `${index}.o`, bytes: buildObject(parts) }))))

  it('are put behind each other, aligned', () => {
    const second: TestObject = {
      sections: { socket: code('r1 = two ll\nr2 = w ll\nexit'), maps: { bytes: words(2, 4, 8, 3, 0) }, '.data': { bytes: words(3) } },
      symbols: [func('second', 'socket', 0, 40), object('two', 'maps', 0, 20), object('w', '.data', 0, 4)],
    }
    const spec = linked(first, second)
    // The second section of maps begins at a multiple of 8: the gap is no definition.
    expect(spec.maps.map(({ name, maxEntries }) => [name, maxEntries])).toEqual([
      ['one', 1],
      ['two', 3],
      ['.data', 1],
    ])
    expect(functionOf(spec, 'second')).toMatchObject({ offset: 16, references: [{ map: 'two' }, { map: '.data', offset: 8 }] })
  })

  it.each([
    ['flags', { flags: 2 }],
    ['type', { type: 8 }],
  ])('cannot have sections of one name that differ in %s', (property, difference) => {
    const second: TestObject = { sections: { '.data': { bytes: words(1), ...difference } }, symbols: [] }
    expect(() => linked(first, second)).toThrow(`1.o: section .data has ${property} `)
  })

  it('hide what one of them hides', () => {
    const weak = { ...func('shared', '.text', 0, 16), binding: SymbolBinding.Weak }
    const text = { '.text': code('r0 = 1\nexit') }
    const spec = linked(
      { sections: text, symbols: [weak] },
      { sections: text, symbols: [{ ...weak, visibility: SymbolVisibility.Hidden }] },
    )
    expect(spec.functions).toMatchObject([{ name: 'shared', offset: 0, linkage: 'weak', hidden: true }])
  })

  it.each<[cause: string, parts: TestObject]>([
    ['section .note is of type 7, which is not linked', { sections: { '.note': { bytes: words(1), type: 7 } } }],
    [
      'relocation at section .data+0x0: type 9 is unknown',
      {
        sections: { '.data': { bytes: words(0, 0), relocations: [{ at: 0, symbol: 'x', type: 9 }] } },
        symbols: [object('x', '.data', 0, 4)],
      },
    ],
    [
      'relocation at section .data+0x4: it is past the end of the section',
      {
        sections: { '.data': { bytes: words(0, 0), relocations: [{ at: 4, symbol: 'x', type: 2 }] } },
        symbols: [object('x', '.data', 0, 4)],
      },
    ],
    [
      'relocation at section .data+0x0: symbol 65536 does not exist',
      { sections: { '.data': { bytes: words(0, 0), relocations: [{ at: 0, symbol: 'nothing', type: 2 }] } } },
    ],
  ])('%s', (cause, parts) => {
    expect(() => linked(parts)).toThrow(
      expect.objectContaining({ code: 'ERR_BPF_OBJECT_LINK', message: expect.stringContaining(`0.o: ${cause}`) }),
    )
  })
})
