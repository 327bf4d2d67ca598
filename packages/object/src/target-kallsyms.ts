import type { KernelSymbols } from './target'

/**
 * The symbols in the text of /proc/kallsyms or System.map: lines of `address type name [module]`.
 *
 * The text is searched rather than indexed: a plan asks for few of a kernel's 200,000 symbols. Data symbols of kernels built
 * with clang's LTO end in `.llvm.` and a number, which does not count.
 */
export function symbolsOf(kallsyms: string): KernelSymbols {
  return { address: name => findSymbol(kallsyms, name), names: () => symbolNames(kallsyms) }
}

/** `restricted` if addresses are hidden (all zero), `ambiguous` if there are several. */
function findSymbol(kallsyms: string, name: string): bigint | 'restricted' | 'ambiguous' | undefined {
  let found: bigint | undefined
  for (let at = kallsyms.indexOf(` ${name}`); at !== -1; at = kallsyms.indexOf(` ${name}`, at + 1)) {
    if (!endsName(kallsyms, at + 1 + name.length, kallsyms.charAt(at - 1))) continue
    const lineStart = kallsyms.lastIndexOf('\n', at) + 1
    const digits = kallsyms.slice(lineStart, kallsyms.indexOf(' ', lineStart))
    if (!/^[0-9a-f]{1,16}$/i.test(digits)) continue
    const address = BigInt(`0x${digits}`)
    if (found !== undefined && found !== address) return 'ambiguous'
    found = address
  }
  return found === 0n && hidesAddresses(kallsyms) ? 'restricted' : found
}

function* symbolNames(kallsyms: string): Generator<string> {
  for (const [, name] of kallsyms.matchAll(/^[0-9a-f]+ \S (\S+)/gim)) if (name !== undefined) yield name
}

function endsName(kallsyms: string, end: number, type: string): boolean {
  const next = kallsyms.charAt(end)
  if (next === '' || next === '\n' || next === '\t' || next === ' ') return true
  return type === 'd' && kallsyms.startsWith('.llvm.', end)
}

/** With real addresses, only a few per-CPU symbols at the very start are zero. */
function hidesAddresses(kallsyms: string): boolean {
  const sample = kallsyms.slice(0, 1 << 16).split('\n', 500)
  return sample.every(line => line === '' || /^0+ /.test(line))
}
