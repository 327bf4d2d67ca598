import { assemble, disassemble } from '@bpf/insn'
import { ProgType } from '../constants/prog-type'
import type { FunctionSpec, ObjectSpec, ProgramSpec, Reference } from '../spec'

/** What a name in assembly stands for: a reference without its slot. */
export type Symbols = Readonly<Record<string, WithoutSlot<Reference>>>
type WithoutSlot<T> = T extends { readonly slot: number } ? Omit<T, 'slot'> : never

/** A function in assembly. Names that are called or whose address is taken are functions unless `symbols` says otherwise. */
export function testFunction(name: string, text: string, symbols: Symbols = {}, parts: Partial<FunctionSpec> = {}): FunctionSpec {
  const { code, references } = assemble(text, { littleEndian: true, externs: true })
  const reference = ({ slot, symbol, kind }: (typeof references)[number]): Reference => {
    const own = symbols[symbol] ?? { kind: 'function' as const, function: symbol, offset: 0, address: kind === 'address' }
    return { ...own, slot } as Reference
  }
  return {
    name,
    section: '.text',
    offset: 0,
    linkage: 'global',
    hidden: false,
    code,
    references: references.map(reference),
    coreRelocations: [],
    lineInfo: [],
    typeId: 0,
    declTags: [],
    ...parts,
  }
}

export function testProgram(name: string, parts: Partial<ProgramSpec> = {}): ProgramSpec {
  return {
    name,
    section: 'socket',
    pattern: 'socket',
    looseSection: false,
    type: ProgType.SocketFilter,
    expectedAttachType: 0,
    attachTarget: undefined,
    flags: 0,
    autoLoad: true,
    optional: false,
    tailCallIndex: undefined,
    license: undefined,
    function: name,
    ...parts,
  }
}

/** An object of one program a function given in `programs`; `functions` only adds others. */
export function testObject(parts: Partial<ObjectSpec> = {}): ObjectSpec {
  return {
    name: 'test',
    littleEndian: true,
    license: 'GPL',
    version: 0,
    maps: [],
    programs: [],
    functions: [],
    variables: [],
    externs: [],
    structOps: [],
    jumpTables: [],
    dataSections: [],
    btf: undefined,
    btfExt: undefined,
    warnings: [],
    ...parts,
  }
}

/** The instructions of a plan, one a line. */
export function instructions(code: Uint8Array): string[] {
  return disassemble(code, { littleEndian: true })
    .trim()
    .split('\n')
    .map(line => line.trim())
}
