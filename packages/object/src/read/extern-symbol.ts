import { type ElfSymbol, SectionIndex, SymbolBinding, SymbolType } from '@bpf/elf'

/** A symbol that the object uses and something else defines: the kernel, its configuration, or another object. */
export function isExtern(symbol: ElfSymbol): boolean {
  const { sectionIndex, binding, type, name } = symbol
  const isVisible = binding === SymbolBinding.Global || binding === SymbolBinding.Weak
  return sectionIndex === SectionIndex.Undefined && isVisible && type === SymbolType.None && name !== ''
}
