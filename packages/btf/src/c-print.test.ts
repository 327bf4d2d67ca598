import { readFixture } from '@bpf/fixtures'
import { describe, expect, it } from 'vitest'
import { declaration, printType, typeName } from './c-print'
import { encodeBtf } from './encode'
import { memberAt } from './member'
import { parseBtf } from './parse'
import type { TypeInput } from './type-input'
import type { Btf, TypeId } from './types'

const id = (number: number): TypeId => number as TypeId
const types = parseBtf(await readFixture('btf/types.btf'))
const named = (name: string): TypeId => types.idsByName(name, 'struct', 'union', 'enum', 'typedef', 'func')[0] ?? id(0)
const parse = (...inputs: TypeInput[]): Btf => parseBtf(encodeBtf(inputs))

const int: TypeInput = { kind: 'int', name: 'int', size: 4, encoding: { signed: true } }
const pointer = (type: number): TypeInput => ({ kind: 'ptr', type: id(type) })
const constant = (type: number): TypeInput => ({ kind: 'const', type: id(type) })

describe('declaration', () => {
  it.each([
    ['declarators', 'constant_pointer', 'const char * const constant_pointer'],
    ['declarators', 'pointers', 'volatile int * const *pointers[2]'],
    ['declarators', 'matrix', 'int matrix[2][3][4]'],
    ['declarators', 'pointer_to_array', 'int (*pointer_to_array)[4]'],
    ['declarators', 'function', 'int (*function)(int, const char *, ...)'],
    ['declarators', 'no_parameters', 'void (*no_parameters)(void)'],
    ['declarators', 'table', 'int (*table[3])(void *)'],
    ['declarators', 'returns_function', 'int (*(*returns_function)(char))(int)'],
    ['declarators', 'returns_array', 'char (*(*returns_array)(void))[8]'],
    ['declarators', 'takes_function', 'void (*takes_function)(int (*)(const void *, const void *), void * restrict)'],
    ['declarators', 'flexible', 'int flexible[0]'],
    ['uses_typedefs', 'constant_array', 'const triple constant_array'],
    ['pointers_to_opaque', 'b', 'union opaque_union *b'],
    ['pointers_to_opaque', 'c', 'enum opaque_enum *c'],
    ['tagged', 'constant', 'const char __attribute__((btf_type_tag("user"))) *constant'],
    ['nested', 'points', 'struct {...} points[4]'],
    ['nested', 'real', 'union {...} real'],
    ['nameless_enum', 'state', 'enum {...} state'],
  ])('of %s.%s', (struct, member, expected) => {
    expect(declaration(types, memberAt(types, named(struct), member).type, member)).toBe(expected)
  })

  it('of a constant array has the qualifier once, as C does', () => {
    const btf = parse(int, constant(1), { kind: 'array', type: id(2), indexType: id(1), length: 2 }, constant(3))
    expect(declaration(btf, 4, 'a')).toBe('const int a[2]')
  })

  it('of an attribute that is not a BTF type tag', () => {
    const btf = parse(int, { kind: 'typeTag', name: 'noderef', type: id(1), attribute: true }, pointer(2))
    expect(declaration(btf, 3, 'p')).toBe('int __attribute__((noderef)) *p')
  })

  it('of parameters with names', () => {
    const params = [
      { name: 'count', type: id(1) },
      { name: '', type: id(0) },
    ]
    const btf = parse(int, { kind: 'funcProto', returnType: id(1), params }, pointer(2))
    expect(declaration(btf, 3, 'f')).toBe('int (*f)(int count, ...)')
    expect(declaration(btf, 2, 'f')).toBe('int f(int count, ...)')
  })
})

describe('typeName', () => {
  const proto: TypeInput = { kind: 'funcProto', returnType: id(0), params: [] }
  const array: TypeInput = { kind: 'array', type: id(4), indexType: id(1), length: 3 }
  const btf = parse(int, constant(1), pointer(2), pointer(3), array, proto, pointer(6), { kind: 'fwd', name: 'u', of: 'union' })

  it.each([
    [0, 'void'],
    [1, 'int'],
    [2, 'const int'],
    [3, 'const int *'],
    [4, 'const int **'],
    [5, 'const int **[3]'],
    [6, 'void (void)'],
    [7, 'void (*)(void)'],
    [8, 'union u'],
  ])('of type %i is %s', (type, expected) => {
    expect(typeName(btf, type)).toBe(expected)
  })
})

describe('printType', () => {
  it('of a struct has the padding and attributes that give its layout', () => {
    expect(printType(types, named('packed_aligned'))).toBe(
      'struct packed_aligned {\n\tchar a;\n\tint b;\n\tchar: 8;\n\tshort: 16;\n} __attribute__((packed));',
    )
    expect(printType(types, named('empty'))).toBe('struct empty {};')
  })

  it('writes out what has no name', () => {
    expect(printType(types, named('holder'))).toBe(
      'struct holder {\n\tnameless_t inside;\n\tstruct {\n\t\tstruct later by_value;\n\t} *behind_pointer;\n};',
    )
    expect(printType(types, named('nameless_enum'))).toBe('struct nameless_enum {\n\tenum {\n\t\tIDLE = 0,\n\t\tBUSY = 1,\n\t} state;\n};')
  })

  it.each([
    ['color', 'enum color {\n\tRED = 0,\n\tGREEN = 5,\n\tBLUE = 2147483648,\n};'],
    ['opaque_enum', 'enum opaque_enum;'],
    ['byte', 'enum byte {\n\tBYTE_ZERO = 0,\n\tBYTE_ONE = 1,\n} __attribute__((mode(QI)));'],
    ['function_pointer', 'typedef function_type *function_pointer;'],
    ['function_type', 'typedef int function_type(struct only_in_prototype *, enum color_later *);'],
    ['bpf_example_acquire', 'struct node *bpf_example_acquire(struct node *from, u64 flags);'],
  ])('of %s', (name, expected) => {
    expect(printType(types, named(name))).toBe(expected)
  })

  it('has an array in a hole of 4 KiB and more, instead of a line for every 8 bytes', () => {
    const members = [{ name: 'flag', type: id(1), bitOffset: 5, bitSize: 1 }]
    const btf = parse(int, { kind: 'struct', name: 's', size: 0xfffffffc, members }, { kind: 'union', name: 'u', size: 8192, members: [] })
    expect(printType(btf, 2)).toBe('struct s {\n\tchar: 5;\n\tint flag: 1;\n\tchar: 2;\n\tchar __hole_1[4294967291];\n};')
    expect(printType(btf, 3)).toBe('union u {\n\tstruct { char __hole_0[8192]; };\n};')
  })

  it('of variables and sections', () => {
    const btf = parse(
      int,
      { kind: 'var', name: 'a', type: id(1), linkage: 'static' },
      { kind: 'var', name: 'b', type: id(1), linkage: 'global' },
      { kind: 'datasec', name: '.bss', size: 8, variables: [2, 3].map(type => ({ type: id(type), offset: 0, size: 4 })) },
    )
    expect(printType(btf, 4)).toBe('/* section .bss */\nstatic int a;\nint b;')
  })

  it('of an old bitfield, in an int of its own', () => {
    const bits: TypeInput = { kind: 'int', name: 'unsigned int', size: 4, bitOffset: 0, bits: 5 }
    const btf = parse(bits, { kind: 'struct', name: 's', size: 4, members: [{ name: 'm', type: id(1), bitOffset: 3, bitSize: 0 }] })
    expect(printType(btf, 2)).toBe('struct s {\n\tchar: 3;\n\tunsigned int m: 5;\n};')
  })
})

describe('what cannot be printed ends in an error', () => {
  const nested = (inner: (type: number) => TypeInput): Btf => parse(int, ...Array.from({ length: 50 }, (_, index) => inner(index + 1)))

  it('types that contain themselves', () => {
    expect(() => typeName(parse(pointer(1)), 1)).toThrow(expect.objectContaining({ code: 'ERR_BPF_BTF_CYCLE' }))
    const self: TypeInput = { kind: 'struct', size: 0, members: [{ name: '', type: id(1), bitOffset: 0, bitSize: 0 }] }
    expect(() => printType(parse(self), 1)).toThrow(expect.objectContaining({ code: 'ERR_BPF_BTF_CYCLE' }))
  })

  it('functions that take two of the next, and anonymous unions that hold two of the next', () => {
    const params = (type: number) => [1, 2].map(() => ({ name: 'a_long_name_of_a_parameter', type: id(type) }))
    const protos = nested(type => ({ kind: 'funcProto', returnType: id(1), params: params(type) }))
    expect(() => typeName(protos, 51)).toThrow(/takes more than \d+ characters to print/)
    const member = (type: number) => ({ name: 'a_long_name_of_a_member', type: id(type), bitOffset: 0, bitSize: 0 })
    const unions = nested(type => ({ kind: 'union', size: 4, members: [member(type), member(type)] }))
    expect(() => printType(unions, 51)).toThrow(/takes more than \d+ characters to print/)
  })
})
