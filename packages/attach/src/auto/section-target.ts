/** `vfs_read`, `vfs_read+0x10`; the offset is 0 unless given. */
export function parseFunctionTarget(text: string): { readonly symbol: string; readonly offset: number } | undefined {
  const [, symbol, offset = '0'] = /^([^+\s]+)(?:\+(0x[0-9a-fA-F]+|\d+))?$/.exec(text) ?? []
  return symbol === undefined ? undefined : { symbol, offset: Number(offset) }
}

/** Where in a binary, as a section or a command line says it. */
export interface BinaryPlace {
  readonly binary: string
  readonly symbol?: string
  /** From the function's start; in the file, without a function. */
  readonly offset?: number
}

/** `/bin/bash:readline`, `libc:malloc+0x10`, `libc:memcpy@GLIBC_2.14`, `/bin/bash:0x1234` (an offset in the file). */
export function parseBinaryTarget(text: string): BinaryPlace | undefined {
  const separator = text.lastIndexOf(':')
  const binary = text.slice(0, Math.max(separator, 0))
  const place = text.slice(separator + 1)
  if (binary === '' || place === '') return undefined
  if (/^(?:0x[0-9a-fA-F]+|\d+)$/.test(place)) return { binary, offset: Number(place) }
  const { symbol, offset = 0 } = parseFunctionTarget(place) ?? {}
  if (symbol === undefined) return undefined
  return offset === 0 ? { binary, symbol } : { binary, symbol, offset }
}

/** An entry of a map of the object: `ports:3`. Keys are 32 bits wide. */
export function parseMapEntry(text: string): { readonly map: string; readonly key: number } | undefined {
  const [, map, key] = /^(.+):(\d{1,10})$/.exec(text) ?? []
  return map === undefined || Number(key) > 0xffff_ffff ? undefined : { map, key: Number(key) }
}

/** `libc:libc:setjmp`: the binary, the provider, the probe. */
export function parseUsdtTarget(text: string): { readonly binary: string; readonly provider: string; readonly name: string } | undefined {
  const [, binary, provider, name] = /^(.+):([^:]+):([^:]+)$/.exec(text) ?? []
  return binary === undefined || provider === undefined || name === undefined ? undefined : { binary, provider, name }
}

/** The word before a section's first slash, without the `?` that turns loading off: `kretprobe` of `?kretprobe/vfs_read`. */
export function sectionWord(section: string): string {
  return section.replace(/^\?/, '').split('/')[0] ?? ''
}
