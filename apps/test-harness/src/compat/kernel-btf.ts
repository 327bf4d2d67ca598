import { readFileSync } from 'node:fs'
import { imageBtf } from '../kernels/image-btf'
import type { KernelFiles } from '../kernels/kernel-files'
import { type BtfFile, readBtfFile } from './btf-files'

/** A kernel to plan for. */
export interface KernelBtf extends BtfFile {
  /** BTF of its vmlinux. @throws BpfError */
  read(): Uint8Array
  /** Text of its .config; undefined when it is not known. */
  readonly config: string | undefined
}

export function fromFile(file: BtfFile): KernelBtf {
  return { ...file, read: () => readBtfFile(file), config: undefined }
}

/** Of a kernel that could be booted, but need not be: its types are in its image. */
export function fromImage({ release, image, config }: KernelFiles): KernelBtf {
  const version = /^\d+\.\d+(?:\.\d+)?/.exec(release)?.[0]
  return { path: image, name: release, version, read: () => imageBtf(readFileSync(image), release), config }
}
