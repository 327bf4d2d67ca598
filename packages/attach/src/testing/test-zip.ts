/** A file to be put into an archive. */
export interface TestMember {
  readonly name: string
  readonly contents: Uint8Array
  /** Says that it is compressed; it is not. */
  readonly compressed?: boolean
}

/** Contents begin at multiples of it, as Android has it. */
const alignment = 4096

/** A ZIP archive. */
export function testZip(members: readonly TestMember[], comment = ''): Buffer {
  const parts: Buffer[] = []
  const directory: Buffer[] = []
  let at = 0
  for (const { name, contents, compressed = false } of members) {
    const method = compressed ? 8 : 0
    const padding = (alignment - ((at + 30 + name.length) % alignment)) % alignment
    const common = [u16(10), u16(0), u16(method), u32(0), u32(0), u32(contents.length), u32(contents.length), u16(name.length)]
    const local = Buffer.concat([u32(0x04034b50), ...common, u16(padding), Buffer.from(name), Buffer.alloc(padding), contents])
    directory.push(Buffer.concat([u32(0x02014b50), u16(10), ...common, u16(0), u16(0), u16(0), u16(0), u32(0), u32(at), Buffer.from(name)]))
    parts.push(local)
    at += local.length
  }
  const entries = Buffer.concat(directory)
  const count = u16(members.length)
  const end = [u32(0x06054b50), u16(0), u16(0), count, count, u32(entries.length), u32(at), u16(comment.length), Buffer.from(comment)]
  return Buffer.concat([...parts, entries, ...end])
}

function u16(value: number): Buffer {
  const bytes = Buffer.alloc(2)
  bytes.writeUInt16LE(value)
  return bytes
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value)
  return bytes
}
