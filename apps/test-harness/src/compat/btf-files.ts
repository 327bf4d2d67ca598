import { closeSync, openSync, readdirSync, readFileSync, readSync, statSync } from 'node:fs'
import { basename, join, relative } from 'node:path'
import { BpfError } from '@bpf/bytes'

/** BTF of one kernel's vmlinux. */
export interface BtfFile {
  readonly path: string
  /** `6.1.0-18-amd64`; the path in the directory when that names no version. */
  readonly name: string
  /** `6.1.0`; undefined when neither file name nor directories tell. */
  readonly version: string | undefined
}

/**
 * Every file with raw BTF below a directory, or the one file named: `6.1.btf`, `ubuntu/20.04/x86_64/5.4.0-1009-aws.btf`,
 * `6.12/vmlinux`. Oldest kernel first.
 *
 * @throws BpfError ERR_BPF_FILE if there is none
 */
export function findBtfFiles(root: string): BtfFile[] {
  const files = statSync(root, { throwIfNoEntry: false })?.isDirectory() ? walk(root) : [root]
  const found = files.filter(beginsWithBtfMagic).map(path => describe(root, path))
  if (found.length === 0)
    throw new BpfError('ERR_BPF_FILE', `${root} holds no BTF`, { hint: 'copy /sys/kernel/btf/vmlinux of each kernel there, as 6.1.btf' })
  return found.sort((a, b) => compareVersions(a.version, b.version) || a.name.localeCompare(b.name))
}

function walk(directory: string): string[] {
  return readdirSync(directory, { withFileTypes: true, recursive: true })
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name))
}

/** Either byte order. */
function beginsWithBtfMagic(path: string): boolean {
  const magic = readStart(path)
  return (magic[0] === 0x9f && magic[1] === 0xeb) || (magic[0] === 0xeb && magic[1] === 0x9f)
}

function readStart(path: string): Uint8Array {
  const bytes = new Uint8Array(2)
  try {
    const fd = openSync(path, 'r')
    try {
      readSync(fd, bytes, 0, 2, 0)
    } finally {
      closeSync(fd)
    }
  } catch (cause) {
    throw new BpfError('ERR_BPF_FILE', `${path} cannot be read`, { cause })
  }
  return bytes
}

/** The innermost part of the path that names a version says which kernel it is. */
function describe(root: string, path: string): BtfFile {
  const inside = root === path ? basename(path) : relative(root, path)
  for (const part of inside.split(/[\\/]/).reverse()) {
    const match = /(\d+\.\d+(?:\.\d+)?)[^/]*?(?=\.btf$|$)/.exec(part)
    if (match !== null) return { path, name: match[0], version: match[1] }
  }
  return { path, name: inside, version: undefined }
}

function compareVersions(a = '', b = ''): number {
  return a.localeCompare(b, 'en', { numeric: true })
}

export function readBtfFile(file: BtfFile): Uint8Array {
  return readFileSync(file.path)
}
