import { type Holder, listMaps, listPrograms } from '@bpf/kernel'
import { type BtfInfo, getBtfInfo } from '@bpf/sys'
import type { Io } from '@bpf/terminal'
import { type KernelContext, withKernel } from '../context'
import { readCompany } from '../objects/company'
import { printDetails, printTable } from '../objects/print'
import { type ListOptions, printListing } from '../objects/print-all'
import { readObjects } from '../objects/read'
import { onlySelector } from '../selector'

interface Invocation {
  readonly positionals: readonly string[]
  readonly options: ListOptions
  readonly io: Io
}

/** What `bpf btf list --json` says. */
interface BtfFacts extends BtfInfo {
  readonly programIds: readonly number[]
  readonly mapIds: readonly number[]
  readonly pids: readonly Holder[]
}

/** `bpf btf list [id N]` */
export function runBtfList({ positionals, options, io }: Invocation): Promise<number> {
  const selector = onlySelector(positionals, 'btf', io)
  return withKernel(context => {
    const users = readUsers(context)
    const companyOf = readCompany(context, 'btf')
    const found = readObjects(context, 'btf', selector, fd => {
      const info = getBtfInfo(context.sys, fd)
      return { ...info, ...users(info.id), pids: companyOf(info.id).pids }
    })
    const listing = { found, selected: selector !== undefined, bpftool: bpftoolBtf, noun: 'BTF' }
    return printListing({ ...listing, table: all => printAll(all, io), details: one => printOne(one, io) }, options, io)
  })
}

/** Looks at all programs and maps once. */
function readUsers({ sys }: KernelContext): (id: number) => Pick<BtfFacts, 'programIds' | 'mapIds'> {
  const programs = [...listPrograms(sys)]
  const maps = [...listMaps(sys)]
  return id => ({
    programIds: programs.filter(({ btfId }) => btfId === id).map(program => program.id),
    mapIds: maps.filter(({ btfId }) => btfId === id).map(map => map.id),
  })
}

function originOf({ kernel, name }: BtfInfo): string {
  if (!kernel) return name || 'loaded by a process'
  return name === 'vmlinux' ? 'the kernel' : `module ${name}`
}

function printAll(all: readonly BtfFacts[], io: Io): void {
  const rows = all.map(one => [
    String(one.id),
    originOf(one),
    String(one.size),
    one.programIds.join(',') || '-',
    one.mapIds.join(',') || '-',
    one.pids.map(({ pid, command }) => `${command} ${pid}`).join(', ') || '-',
  ])
  printTable(['ID', 'OF', 'BYTES', 'PROGRAMS', 'MAPS', 'HELD BY'], rows, io)
}

function printOne(one: BtfFacts, io: Io): void {
  const pids = one.pids.map(({ pid, command }) => `${command} ${pid}`)
  const facts = { of: originOf(one), size: `${one.size} bytes`, programs: one.programIds, maps: one.mapIds, 'held by': pids }
  printDetails(`BTF ${one.id}`, facts, io)
}

/** As `bpftool -j -f btf show` prints it. */
function bpftoolBtf({ id, size, kernel, name, programIds, mapIds, pids }: BtfFacts): Readonly<Record<string, unknown>> {
  return {
    id,
    size,
    ...(programIds.length > 0 && { prog_ids: programIds }),
    ...(mapIds.length > 0 && { map_ids: mapIds }),
    ...(pids.length > 0 && { pids: pids.map(({ pid, command }) => ({ pid, comm: command })) }),
    kernel,
    ...(name !== '' && { name }),
  }
}
