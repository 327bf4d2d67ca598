import { type Btf, type BtfType, resolve, type TypeId } from '@bpf/btf'
import { type ElfSymbol, SymbolBinding } from '@bpf/elf'
import { MapFlag } from '../constants/flags'
import { MapType } from '../constants/map-type'
import { newMap } from '../new-map'
import { ObjectError } from '../object-error'
import type { ExternSpec, MapSpec } from '../spec'
import { isExtern } from './extern-symbol'
import { layoutKconfig } from './kconfig-layout'
import type { ObjectFile } from './object-file'

/** What the kernel has to provide, and which symbols stand for it. */
export interface Externs {
  /** Options in the order of their map, then the others by name. */
  readonly externs: ExternSpec[]
  /** By symbol index. */
  readonly names: ReadonlyMap<number, string>
}

export interface ExternDeclaration {
  readonly name: string
  readonly weak: boolean
  readonly type: BtfType & { readonly kind: 'var' | 'func' }
}

/** @throws ObjectError, BtfError */
export function readExterns(file: ObjectFile): Externs {
  const symbols = file.symbols.filter(isExtern)
  const { btf } = file
  if (symbols.length === 0 || btf === undefined) return { externs: [], names: new Map() }
  const sections = externSections(btf)
  const options: ExternDeclaration[] = []
  const externs: ExternSpec[] = []
  for (const symbol of symbols) {
    const declaration = declarationOf(btf, symbol)
    const section = declaration && sections.get(declaration.type.id)
    if (declaration === undefined || section === undefined) externs.push(unprovided(symbol, declaration))
    else if (section === '.kconfig') options.push(checkedOption(declaration))
    else externs.push(ksym(btf, declaration))
  }
  externs.sort((a, b) => (a.name < b.name ? -1 : 1))
  return { externs: [...layoutKconfig(btf, options), ...externs], names: new Map(symbols.map(({ index, name }) => [index, name])) }
}

/** The map whose bytes are the values of kernel options; its contents are known when a target is. */
export function kconfigMap({ btf }: ObjectFile, externs: readonly ExternSpec[]): MapSpec[] {
  const end = externs.reduce((size, extern) => (extern.kind === 'kconfig' ? Math.max(size, extern.offset + extern.size) : size), 0)
  if (end === 0) return []
  const map = newMap('.kconfig', {
    type: MapType.Array,
    keySize: 4,
    valueSize: end,
    maxEntries: 1,
    flags: MapFlag.RdonlyProg | MapFlag.Mmapable,
    valueTypeId: btf?.find('.kconfig', 'datasec')?.id ?? 0,
    origin: { kind: 'data', section: '.kconfig', access: 'kconfig' },
  })
  return [map]
}

/** The DATASEC of each VAR and FUNC. */
function externSections(btf: Btf): Map<TypeId, string> {
  const sections = new Map<TypeId, string>()
  for (const name of ['.kconfig', '.ksyms']) {
    for (const { type } of btf.find(name, 'datasec')?.variables ?? []) sections.set(type, name)
  }
  return sections
}

function declarationOf(btf: Btf, symbol: ElfSymbol): ExternDeclaration | undefined {
  for (const id of btf.idsByName(symbol.name, 'var', 'func')) {
    const type = btf.type(id)
    const isDeclaration = (type.kind === 'var' || type.kind === 'func') && type.linkage === 'extern'
    if (isDeclaration) return { name: symbol.name, weak: symbol.binding === SymbolBinding.Weak, type }
  }
  return undefined
}

function checkedOption(declaration: ExternDeclaration): ExternDeclaration {
  if (declaration.type.kind === 'var') return declaration
  throw new ObjectError('ERR_BPF_OBJECT_EXTERN', `extern "${declaration.name}" is a function in section .kconfig, which holds variables`, {
    section: '.kconfig',
    symbol: declaration.name,
  })
}

function ksym(btf: Btf, { name, weak, type }: ExternDeclaration): ExternSpec {
  if (type.kind === 'func') return { kind: 'kfunc', name, weak, typeId: type.id }
  return { kind: 'ksymVariable', name, weak, typeId: type.id, typed: resolve(btf, type.type).kind !== 'void' }
}

/** Left to those who use it: the object may be one of several that are to be linked. */
function unprovided({ name, binding }: ElfSymbol, declaration: ExternDeclaration | undefined): ExternSpec {
  const cause = declaration === undefined ? 'BTF has no declaration of it' : 'it is neither in .ksyms nor in .kconfig'
  return {
    kind: 'undefined',
    name,
    weak: binding === SymbolBinding.Weak,
    typeId: declaration?.type.id ?? 0,
    reason: `extern "${name}" is not defined: ${cause}, so no kernel can provide it`,
    hint: 'If another object defines it, link the objects first. What the kernel provides is declared with __ksym or __kconfig.',
  }
}
