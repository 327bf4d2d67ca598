import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { BpfError } from '@bpf/bytes'
import { fileTarget, lowestKernel, type ObjectSpec, type Requirement, readObject, requirementsOf, versionCode } from '@bpf/object'
import { ExitCode, type Io, toJson } from '@bpf/terminal'
import { checkObject } from './check'
import type { KernelBtf } from './kernel-btf'
import { formatCompat, formatNeeds, type KernelVerdict } from './report'

export interface CompatOptions {
  readonly kernels: readonly KernelBtf[]
  readonly json: boolean
}

/** Says for each kernel which programs of the object would fail. */
export function runCompat(path: string, { kernels, json }: CompatOptions, io: Io): number {
  const bytes = readFile(path, io)
  const requirements = requirementsOf(readSpec(bytes, path))
  const needs = { lowestKernel: lowestKernel(requirements), requirements }
  const verdicts = kernels.map(kernel => ({ ...checkOn(bytes, path, kernel, io), newer: newerThan(kernel, requirements) }))
  if (json) io.out(toJson({ object: basename(path), ...needs, kernels: verdicts }))
  else for (const line of [...formatCompat(verdicts, io.style), ...formatNeeds(needs, verdicts, io.style)]) io.out(line)
  return verdicts.every(({ programs }) => programs.every(({ status }) => status === 'loads')) ? ExitCode.Ok : ExitCode.Failed
}

/** Newer than any feature that a plan asks for, so that what is not known is not counted as missing. */
const unknownVersion = '99.0'

function checkOn(bytes: Uint8Array, path: string, kernel: KernelBtf, io: Io): Omit<KernelVerdict, 'newer'> {
  const { name, version = unknownVersion, config } = kernel
  if (kernel.version === undefined) {
    io.note(`${io.style('yellow', '!')} ${name} names no kernel version: features are taken to be there (name it 6.1.btf, for example)`)
  }
  const target = fileTarget({ vmlinux: kernel.read(), version, description: name, kconfig: config })
  return { kernel: name, btf: kernel.path, programs: checkObject(readSpec(bytes, path), target) }
}

function readSpec(bytes: Uint8Array, path: string): ObjectSpec {
  return readObject(bytes, { name: basename(path).split('.')[0] || 'object' })
}

/** What came with later kernels. Vendors port features back, so this is a warning and no verdict. */
function newerThan({ version }: KernelBtf, requirements: readonly Requirement[]): Requirement[] {
  if (version === undefined) return []
  return requirements.filter(({ since }) => since !== undefined && versionCode(since) > versionCode(version))
}

function readFile(path: string, io: Io): Uint8Array {
  try {
    return readFileSync(io.resolvePath(path))
  } catch (cause) {
    throw new BpfError('ERR_BPF_FILE', `${path} cannot be read`, { cause })
  }
}
