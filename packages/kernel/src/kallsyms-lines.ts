import { decodeCString } from '@bpf/bytes'

/** One line of /proc/kallsyms. */
export interface KernelSymbol {
  readonly name: string
  /** 0 while the kernel hides addresses (kernel.kptr_restrict). */
  readonly address: bigint
  /** As nm prints it: `T` and `t` are code. */
  readonly type: string
  /** Undefined for what is built in; `bpf` for loaded programs. */
  readonly module: string | undefined
}

export const newline = 0x0a
export const tab = 0x09
const space = 0x20
const digit0 = 0x30
const digit9 = 0x39
const letterA = 0x61

/** Start of the line after the one that begins at `line`. */
export function nextLine(bytes: Uint8Array, line: number): number {
  const end = bytes.indexOf(newline, line)
  return end === -1 ? bytes.byteLength : end + 1
}

/** `ffffffff81000000 T name` and, for modules, a tab and `[module]`. */
export function parseLine(bytes: Uint8Array, line: number): KernelSymbol {
  const text = decodeCString(bytes.subarray(line, nextLine(bytes, line)))
  const [, address, type, name, module] = /^([0-9a-f]+) (\S) (\S+)(?:\t\[(\S+)\])?/.exec(text) ?? []
  return { name: name ?? '', address: BigInt(`0x${address ?? '0'}`), type: type ?? '?', module }
}

/** The address of a line, without making it a symbol. */
export function addressOf(bytes: Uint8Array, line: number): bigint {
  let [high, low] = [0, 0]
  for (let at = line; at < bytes.byteLength && bytes[at] !== space && bytes[at] !== newline; at++) {
    const byte = bytes[at] ?? digit0
    const digit = byte <= digit9 ? byte - digit0 : byte - letterA + 10
    high = (high * 16 + Math.floor(low / 2 ** 28)) % 2 ** 32
    low = (low % 2 ** 28) * 16 + digit
  }
  return (BigInt(high) << 32n) | BigInt(low)
}

/** The type letter of a line, as a byte. */
export function typeOf(bytes: Uint8Array, line: number): number | undefined {
  const at = bytes.indexOf(space, line)
  return at === -1 ? undefined : bytes[at + 1]
}

/** The name in a line of the file's text, without making it a symbol. */
export function nameOf(text: string, line: number): string {
  const start = text.indexOf(' ', text.indexOf(' ', line) + 1) + 1
  const end = text.indexOf('\n', start)
  const name = text.slice(start, end === -1 ? undefined : end)
  const tab = name.indexOf('\t')
  return tab === -1 ? name : name.slice(0, tab)
}
