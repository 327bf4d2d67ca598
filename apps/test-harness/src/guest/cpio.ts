/** A file of an initramfs. Directories on the way to it are made by themselves. */
export interface CpioFile {
  /** Without a leading slash: `bin/sh`. */
  readonly path: string
  /** Permissions; 0o644 unless given. */
  readonly mode?: number
  readonly data: Uint8Array | string
}

const fileType = { regular: 0o100000, directory: 0o040000 } as const
/** What the kernel pads every header, name and file to. */
const alignment = 4

/**
 * An archive of format `newc` (Documentation/driver-api/early-userspace/buffer-format.rst in the kernel's sources), as pieces to
 * be written one after the other. Archives that follow each other are unpacked over each other.
 */
export function cpioArchive(files: readonly CpioFile[]): readonly Uint8Array[] {
  const entries: CpioFile[] = [...directoriesOf(files)].map(path => ({ path, mode: fileType.directory | 0o755, data: '' }))
  for (const file of files) entries.push({ ...file, mode: fileType.regular | (file.mode ?? 0o644) })
  entries.push({ path: 'TRAILER!!!', mode: 0, data: '' })
  return entries.flatMap((entry, index) => pieces(entry, index + 1))
}

function directoriesOf(files: readonly CpioFile[]): ReadonlySet<string> {
  const directories = new Set<string>()
  for (const { path } of files) {
    const parts = path.split('/').slice(0, -1)
    parts.forEach((_, depth) => {
      directories.add(parts.slice(0, depth + 1).join('/'))
    })
  }
  return directories
}

function pieces({ path, mode = 0, data }: CpioFile, inode: number): readonly Uint8Array[] {
  const bytes = typeof data === 'string' ? new TextEncoder().encode(data) : data
  const name = new TextEncoder().encode(`${path}\0`)
  const links = mode >> 12 === fileType.directory >> 12 ? 2 : 1
  // ino, mode, uid, gid, nlink, mtime, filesize, devmajor, devminor, rdevmajor, rdevminor, namesize, check
  const fields = [inode, mode, 0, 0, links, 0, bytes.byteLength, 0, 0, 0, 0, name.byteLength, 0]
  const head = new TextEncoder().encode(`070701${fields.map(field => field.toString(16).padStart(8, '0')).join('')}`)
  return [head, name, padding(head.byteLength + name.byteLength), bytes, padding(bytes.byteLength)]
}

function padding(size: number): Uint8Array {
  return new Uint8Array((alignment - (size % alignment)) % alignment)
}
