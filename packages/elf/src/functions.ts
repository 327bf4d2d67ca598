import { type AddressMap, addressMap } from './addresses'
import { SymbolBinding, SymbolType } from './constants'
import { type DynamicSymbolTable, dynamicSymbolTable } from './dynamic-symbols'
import { ElfError } from './errors'
import { type SymbolTable, symbolTable } from './symbol-table'
import type { ElfDynamicSymbol, ElfFile } from './types'

/** A function of an executable or shared library, as uprobes need it. */
export interface ElfFunction {
  /** Without version. */
  readonly name: string
  /** `GLIBC_2.14`; undefined if unversioned. */
  readonly version: string | undefined
  /** Whether a program that names no version gets this one; true for unversioned functions. */
  readonly isDefault: boolean
  readonly address: bigint
  /** Where the function begins in the file, in bytes: what a uprobe is attached to. */
  readonly offset: number
  /** Bytes. */
  readonly size: bigint
  /** `SymbolBinding`. */
  readonly binding: number
  /** An ifunc (`STT_GNU_IFUNC`): the address is of the resolver that picks the function. */
  readonly isIndirect: boolean
}

export interface FunctionSearchOptions {
  /** The file with the symbols of a stripped one (see `readDebugLink`, `buildId`); its addresses are the same. */
  readonly debugFile?: ElfFile | undefined
}

/** A symbol table and how its symbols tell their versions. */
interface Source {
  readonly symbols: SymbolTable
  readonly version: DynamicSymbolTable['version'] | undefined
}

const utf8 = /* @__PURE__ */ new TextEncoder()
const at = 0x40

/**
 * The function of that name: `malloc`, `memcpy@GLIBC_2.2.5` or `memcpy@@GLIBC_2.14`; undefined if there is none.
 *
 * Dynamic symbols go before `.symtab`, and that before the debug file's. Without a version the default one is meant. Of
 * functions at different addresses a weak one gives way.
 * @throws ElfError with code `ERR_BPF_ELF_AMBIGUOUS_SYMBOL` if several remain; or if the tables are malformed
 */
export function findFunction(elf: ElfFile, name: string, options: FunctionSearchOptions = {}): ElfFunction | undefined {
  const { name: base, version } = splitVersion(name)
  const offsets = addressMap(elf)
  for (const source of sources(elf, options)) {
    const found = onlyOne(name, preferred(named(source, base, version?.name, offsets)))
    if (found !== undefined) return found
  }
  return undefined
}

/**
 * The functions whose name (without version) satisfies `matches`, from all symbol tables; each name at one address once.
 * @throws ElfError
 */
export function listFunctions(
  elf: ElfFile,
  matches: (name: string) => boolean = () => true,
  options: FunctionSearchOptions = {},
): ElfFunction[] {
  const offsets = addressMap(elf)
  const found = new Map<string, ElfFunction>()
  for (const source of sources(elf, options)) {
    for (let index = 1; index < source.symbols.length; index++) {
      if (!isFunction(source.symbols, index)) continue
      const entry = functionAt(source, index, offsets)
      if (entry === undefined || !matches(entry.name)) continue
      const key = `${entry.offset} ${entry.name}`
      if (!found.has(key)) found.set(key, entry)
    }
  }
  return [...found.values()]
}

function* sources(elf: ElfFile, { debugFile }: FunctionSearchOptions): IterableIterator<Source> {
  const dynamic = dynamicSymbolTable(elf)
  if (dynamic !== undefined) yield dynamic
  for (const file of debugFile === undefined ? [elf] : [elf, debugFile]) {
    const symbols = symbolTable(file)
    if (symbols !== undefined) yield { symbols, version: undefined }
  }
}

/** Compares bytes, so that searching a large table makes no strings. */
function named(source: Source, base: string, version: string | undefined, offsets: AddressMap): ElfFunction[] {
  const wanted = utf8.encode(base)
  const found: ElfFunction[] = []
  const { symbols } = source
  for (let index = 1; index < symbols.length; index++) {
    if (!isFunction(symbols, index) || !symbols.nameStarts(index, wanted, [0, at])) continue
    const entry = functionAt(source, index, offsets)
    if (entry !== undefined && (version === undefined || version === entry.version)) found.push(entry)
  }
  return found
}

function isFunction(symbols: SymbolTable, index: number): boolean {
  const type = symbols.type(index)
  return (type === SymbolType.Function || type === SymbolType.IndirectFunction) && symbols.isDefined(index)
}

/** Undefined when no segment loads its address. */
function functionAt({ symbols, version }: Source, index: number, offsets: AddressMap): ElfFunction | undefined {
  const offset = offsets(symbols.value(index))
  if (offset === undefined) return undefined
  const symbol = symbols.at(index)
  const versioned = version === undefined ? splitVersion(symbol.name) : { name: symbol.name, version: version(index) }
  return {
    name: versioned.name,
    version: versioned.version?.name,
    isDefault: versioned.version?.isDefault ?? true,
    address: symbol.value,
    offset,
    size: symbol.size,
    binding: symbol.binding,
    isIndirect: symbol.type === SymbolType.IndirectFunction,
  }
}

/** Splits a name as `versionedName` makes it; in `.symtab`, names are written so. */
function splitVersion(full: string): Pick<ElfDynamicSymbol, 'name' | 'version'> {
  const separator = full.indexOf('@')
  if (separator <= 0) return { name: full, version: undefined }
  const isDefault = full[separator + 1] === '@'
  return { name: full.slice(0, separator), version: { name: full.slice(separator + (isDefault ? 2 : 1)), isDefault } }
}

/** The better of the candidates, by one criterion after the other; a criterion that nobody meets is skipped. */
function preferred(candidates: readonly ElfFunction[]): readonly ElfFunction[] {
  const criteria: ((candidate: ElfFunction) => boolean)[] = [
    ({ isDefault }) => isDefault,
    ({ isIndirect }) => !isIndirect,
    ({ binding }) => binding !== SymbolBinding.Weak,
  ]
  return criteria.reduce((left, criterion) => {
    const better = left.filter(criterion)
    return better.length > 0 ? better : left
  }, candidates)
}

const maxPlaces = 5

function onlyOne(name: string, candidates: readonly ElfFunction[]): ElfFunction | undefined {
  const [first] = candidates
  if (first === undefined || first.binding === SymbolBinding.Weak) return first
  const places = [...new Map(candidates.map(candidate => [candidate.offset, candidate])).values()]
  if (places.length === 1) return first
  const listed = places
    .slice(0, maxPlaces)
    .map(({ address, version }) => `0x${address.toString(16)}${version === undefined ? '' : ` (${version})`}`)
  const rest = places.length > maxPlaces ? ` and ${places.length - maxPlaces} more` : ''
  throw new ElfError('ERR_BPF_ELF_AMBIGUOUS_SYMBOL', `function "${name}" is ambiguous: it is at ${listed.join(', ')}${rest}`, {
    hint: 'Name a version (name@VERSION), or attach by file offset.',
  })
}
