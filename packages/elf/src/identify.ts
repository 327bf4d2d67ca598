interface Format {
  readonly what: string
  readonly magic: readonly number[]
}

const ascii = (text: string): number[] => Array.from(text, c => c.charCodeAt(0))

const formats: readonly Format[] = [
  { what: 'an archive (.a): extract the member first', magic: ascii('!<arch>\n') },
  { what: 'a thin archive', magic: ascii('!<thin>\n') },
  { what: 'LLVM bitcode: compile with -c and without -flto or -emit-llvm', magic: [0x42, 0x43, 0xc0, 0xde] },
  { what: 'wrapped LLVM bitcode', magic: [0xde, 0xc0, 0x17, 0x0b] },
  { what: 'gzip data', magic: [0x1f, 0x8b] },
  { what: 'xz data', magic: [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00] },
  { what: 'zstd data', magic: [0x28, 0xb5, 0x2f, 0xfd] },
  { what: 'bzip2 data', magic: ascii('BZh') },
  { what: 'a zip archive', magic: [0x50, 0x4b, 0x03, 0x04] },
  { what: 'a Mach-O file: compile with -target bpf', magic: [0xcf, 0xfa, 0xed, 0xfe] },
  { what: 'a Mach-O file: compile with -target bpf', magic: [0xfe, 0xed, 0xfa, 0xcf] },
  { what: 'a 32-bit Mach-O file', magic: [0xce, 0xfa, 0xed, 0xfe] },
  { what: 'a universal Mach-O file or a Java class', magic: [0xca, 0xfe, 0xba, 0xbe] },
  { what: 'a PE or DOS executable', magic: ascii('MZ') },
  { what: 'a COFF object for x86-64: compile with -target bpf', magic: [0x64, 0x86] },
  { what: 'a WebAssembly module', magic: [0x00, 0x61, 0x73, 0x6d] },
  { what: 'raw little-endian BTF without an ELF file around it', magic: [0x9f, 0xeb, 0x01] },
  { what: 'raw big-endian BTF without an ELF file around it', magic: [0xeb, 0x9f, 0x01] },
  { what: 'a script', magic: ascii('#!') },
]

/** What bytes that are not ELF seem to be, for an error message: `gzip data`, `text ("…")`; undefined when unknown. */
export function identify(bytes: Uint8Array): string | undefined {
  if (bytes.length === 0) return 'an empty file'
  const format = formats.find(({ magic }) => magic.every((byte, i) => bytes[i] === byte))
  return format?.what ?? textStart(bytes)
}

const maxQuoted = 32

function textStart(bytes: Uint8Array): string | undefined {
  const start = bytes.subarray(0, 256)
  if (!start.every(byte => byte === 0x09 || byte === 0x0a || byte === 0x0d || (byte >= 0x20 && byte < 0x7f))) return undefined
  const line =
    String.fromCharCode(...start)
      .trim()
      .split(/\r?\n/, 1)[0] ?? ''
  const quoted = line.length > maxQuoted ? `${line.slice(0, maxQuoted)}…` : line
  return quoted === '' ? 'blank text' : `text (${JSON.stringify(quoted)})`
}
