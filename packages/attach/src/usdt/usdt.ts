import { basename } from 'node:path'
import { BpfError, nearNames } from '@bpf/bytes'
import { type ElfFile, ElfType, parseElf, readSymbols, readUsdtProbes, type UsdtProbe } from '@bpf/elf'
import type { AttachContext } from '../context'
import { AttachError } from '../errors'
import type { AttachableProgram, Link, LinkInterface, LinkLabel } from '../link/link'
import { onClose } from '../link/on-close'
import { type Binary, findBinary } from '../uprobe/binary'
import { parseProcMaps } from '../uprobe/proc-maps'
import { attachUprobePoints, type UprobePoint } from '../uprobe/uprobe'
import { parseUsdtArguments, type UsdtArgument } from './arguments'
import type { UsdtSpecs } from './specs'

export interface UsdtTarget {
  /** A path, or the name of a library or program. */
  readonly binary: string
  readonly provider: string
  readonly name: string
  /** Only this process; all unless given. */
  readonly pid?: number
  /** Readable in the program: through bpf_usdt_cookie() with `specs`, bpf_get_attach_cookie() without. */
  readonly cookie?: bigint
  /** Where the program looks up its arguments; absent for objects that have no such maps. */
  readonly specs?: UsdtSpecs | undefined
  readonly interfaces?: readonly LinkInterface[]
}

/** Attaches to a USDT probe, at every place it was compiled in. @throws AttachError that lists the probes there are */
export function attachUsdt(context: AttachContext, program: AttachableProgram, target: UsdtTarget): Link {
  const { pid, interfaces } = target
  const label: LinkLabel = { kind: 'usdt', program: program.name, target: `usdt ${target.binary}:${target.provider}:${target.name}` }
  const binary = findBinary(context, label, target.binary, pid)
  const used: Used = { ids: new Map(), addresses: [] }
  const release = () => {
    for (const id of used.ids.values()) target.specs?.remove(id)
    for (const address of used.addresses) target.specs?.removeAddress(address)
  }
  try {
    const elf = parseElf(binary.bytes)
    const points = findProbes(elf, label, target).map(probe => pointOf(context, { elf, binary, probe, target, used }))
    const link = attachUprobePoints(context, { label, program, binary, points, pid, returns: false, interfaces })
    return onClose(link, release)
  } catch (error) {
    release()
    if (!(error instanceof BpfError) || error instanceof AttachError) throw error
    throw new AttachError({ ...label, problem: error.message, cause: error })
  }
}

/** What one attachment took in the maps. */
interface Used {
  /** Places of equal arguments share a specification; relative to the instruction, none are equal. */
  readonly ids: Map<string, number>
  readonly addresses: bigint[]
}

interface Site {
  readonly elf: ElfFile
  readonly binary: Binary
  readonly probe: UsdtProbe
  readonly target: UsdtTarget
  readonly used: Used
}

function findProbes(elf: ElfFile, { program, target }: LinkLabel, { provider, name }: UsdtTarget): readonly UsdtProbe[] {
  const all = readUsdtProbes(elf)
  const found = all.filter(probe => probe.provider === provider && probe.name === name)
  if (found.length > 0) return found
  const names = [...new Set(all.map(probe => `${probe.provider}:${probe.name}`))]
  const near = nearNames(`${provider}:${name}`, names)
  const hint = near.length > 0 ? `did you mean ${near.join(' or ')}?` : names.length > 0 ? `it has ${list(names)}` : undefined
  const problem = names.length === 0 ? 'the binary has no USDT probes' : 'the binary has no such probe'
  throw new AttachError({ program, target, problem, hint: hint ?? 'functions are probed by uprobes' })
}

const shown = 12

function list(names: readonly string[]): string {
  return names.length <= shown ? names.join(', ') : `${names.slice(0, shown).join(', ')} and ${names.length - shown} more`
}

function pointOf(context: AttachContext, site: Site): UprobePoint {
  const { probe, target } = site
  const name = `${probe.provider}:${probe.name}`
  if (probe.offset === undefined) throw new UsdtSiteError(name, 'no part of the file is loaded where its note says it is')
  const refCounter = probe.semaphore === 0n ? 0 : probe.semaphoreOffset
  if (refCounter === undefined) throw new UsdtSiteError(name, 'its semaphore is in no writable part of the file')
  const point = { offset: probe.offset, name, refCounter }
  if (target.specs === undefined) return { ...point, cookie: target.cookie }
  const key = probe.arguments.includes('%rip') ? `${probe.arguments} at ${probe.pc}` : probe.arguments
  const id = site.used.ids.get(key) ?? target.specs.add(argumentsOf(context, site), target.cookie ?? 0n)
  site.used.ids.set(key, id)
  if (context.kernel.has('bpfCookie') !== false) return { ...point, cookie: BigInt(id) }
  for (const address of addressesOf(context, site, probe.offset)) {
    target.specs.addAddress(address, id)
    site.used.addresses.push(address)
  }
  return { ...point, cookie: undefined }
}

function argumentsOf({ sys }: AttachContext, { elf, probe }: Site): readonly UsdtArgument[] {
  return parseUsdtArguments(probe.arguments, {
    arch: sys.native.arch.name,
    distanceTo: symbol => {
      const found = readSymbols(elf).find(candidate => candidate.name === symbol)
      return found && found.value - probe.pc
    },
  })
}

/** Where in memory a probe is: fixed for programs that are, by the process's mappings of the file for all others. */
function addressesOf({ kernel }: AttachContext, { elf, binary, probe, target: { pid } }: Site, offset: number): readonly bigint[] {
  if (elf.header.type === ElfType.Executable) return [probe.pc]
  const name = `${probe.provider}:${probe.name}`
  if (pid === undefined)
    throw new UsdtSiteError(name, 'without attach cookies (Linux 5.15) its address is only known for one process', 'give a pid')
  const mappings = parseProcMaps(kernel.files.text(`/proc/${pid}/maps`) ?? '')
  const own = mappings.filter(({ executable, path }) => executable && basename(path) === basename(binary.path))
  const at = BigInt(binary.start + offset)
  const found = own.flatMap(({ start, end, offset: from }) => {
    const address = start + at - BigInt(from)
    return address >= start && address < end ? [address] : []
  })
  if (found.length === 0) throw new UsdtSiteError(name, `process ${pid} has not loaded the binary`)
  return found
}

/** One place of a probe cannot be attached to. */
class UsdtSiteError extends BpfError {
  override readonly name = 'UsdtSiteError'

  constructor(probe: string, problem: string, hint?: string) {
    super('ERR_BPF_USDT_SITE', `${probe}: ${problem}`, { hint })
  }
}
