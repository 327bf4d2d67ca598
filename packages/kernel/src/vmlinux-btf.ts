import { Cursor, decodeCString, fits } from '@bpf/bytes'
import type { Files, RandomAccess } from './files'

/** Raw BTF of a kernel and where it is from. */
export interface BtfSource {
  readonly path: string
  readonly bytes: Uint8Array
}

export const sysfsBtf = '/sys/kernel/btf'
const sysfsVmlinux = `${sysfsBtf}/vmlinux`

/** Where distributions put a vmlinux image, in the order that libbpf looks. */
const imagePaths = (release: string) => [
  `/boot/vmlinux-${release}`,
  `/lib/modules/${release}/vmlinux-${release}`,
  `/lib/modules/${release}/build/vmlinux`,
  `/usr/lib/modules/${release}/kernel/vmlinux`,
  `/usr/lib/debug/boot/vmlinux-${release}`,
  `/usr/lib/debug/boot/vmlinux-${release}.debug`,
  `/usr/lib/debug/lib/modules/${release}/vmlinux`,
]

/** Whether the running kernel shows its own BTF (5.4). */
export function hasOwnBtf(files: Files): boolean {
  return files.list(sysfsBtf).includes('vmlinux')
}

/**
 * The file that stands for a release where BTF of many kernels is in one directory, as `RELEASE.btf` or `RELEASE`: undefined if
 * none does. A path that is no directory is the file itself.
 */
export function btfFileFor(files: Files, path: string, release: string): string | undefined {
  const directory = path.replace(/(?<=.)\/$/, '')
  const names = files.list(directory)
  if (names.length === 0) return path
  const name = [`${release}.btf`, release].find(candidate => names.includes(candidate))
  return name && `${directory}/${name}`
}

/** BTF of the running kernel: sysfs (5.4), else the `.BTF` section of an image on disk. */
export function findVmlinuxBtf(files: Files, release: string): BtfSource | undefined {
  for (const path of [sysfsVmlinux, ...imagePaths(release)]) {
    const bytes = readBtfFile(files, path)
    if (bytes !== undefined) return { path, bytes }
  }
  return undefined
}

/** BTF from a file that is either raw BTF or an ELF image with a `.BTF` section; undefined if it is neither. */
export function readBtfFile(files: Files, path: string): Uint8Array | undefined {
  using file = files.open(path)
  if (file === undefined) return undefined
  const magic = file.read(0, 4)
  if (isElf(magic)) return readSection(file, '.BTF')
  return isBtf(magic) ? contentsOf(files, path) : undefined
}

/** Mapped where the kernel can (6.16): to read its own BTF takes a system call a page. */
function contentsOf(files: Files, path: string): Uint8Array | undefined {
  return (path === sysfsVmlinux ? files.map?.(path) : undefined) ?? files.bytes(path)
}

function isElf(magic: Uint8Array): boolean {
  return magic[0] === 0x7f && decodeCString(magic.subarray(1)) === 'ELF'
}

function isBtf(magic: Uint8Array): boolean {
  return (magic[0] === 0x9f && magic[1] === 0xeb) || (magic[0] === 0xeb && magic[1] === 0x9f)
}

/** `Elf64_Ehdr` and `Elf64_Shdr`, as far as it takes to find a section. Bytes. */
const elfHeader = { size: 64, data: 5, sectionTable: 40, sectionSize: 58 } as const
const sectionHeader = { size: 64, offset: 24 } as const
const bigEndian = 2
/** Far above any kernel's; what is larger is damage. Bytes. */
const largestSection = 256 * 2 ** 20

/**
 * One section of an ELF64 file, read without the rest: images with debug information have hundreds of megabytes.
 * Undefined if there is none, or the file is damaged.
 */
function readSection(file: RandomAccess, wanted: string): Uint8Array | undefined {
  const bytes = file.read(0, elfHeader.size)
  if (bytes.byteLength < elfHeader.size) return undefined
  const littleEndian = bytes[elfHeader.data] !== bigEndian
  const header = new Cursor(bytes, { littleEndian, context: 'ELF header' }).seek(elfHeader.sectionTable)
  const tableOffset = Number(header.u64())
  header.seek(elfHeader.sectionSize)
  const [entrySize, count, namesIndex] = [header.u16(), header.u16(), header.u16()]
  if (entrySize !== sectionHeader.size || namesIndex >= count) return undefined
  const table = file.read(tableOffset, entrySize * count)
  if (table.byteLength < entrySize * count) return undefined
  const sections = Array.from({ length: count }, (_, index) => parseSection(table.subarray(index * entrySize), littleEndian))
  const names = sections[namesIndex] && readRange(file, sections[namesIndex])
  const section =
    names && sections.find(({ name }) => fits(name, wanted.length, names.byteLength) && decodeCString(names.subarray(name)) === wanted)
  return section && readRange(file, section)
}

interface Section {
  /** Offset in the section of names. */
  readonly name: number
  readonly offset: number
  readonly size: number
}

function parseSection(bytes: Uint8Array, littleEndian: boolean): Section {
  const cursor = new Cursor(bytes, { littleEndian, context: 'ELF section header' })
  const name = cursor.u32()
  cursor.seek(sectionHeader.offset)
  return { name, offset: Number(cursor.u64()), size: Number(cursor.u64()) }
}

function readRange(file: RandomAccess, { offset, size }: Section): Uint8Array | undefined {
  if (size > largestSection) return undefined
  const bytes = file.read(offset, size)
  return bytes.byteLength === size ? bytes : undefined
}
