import { listMaps, listPrograms } from '@bpf/kernel'
import { type BtfInfo, getBtfInfo } from '@bpf/sys'
import type { KernelContext } from '../context'
import { bpftoolCompany, type Company, companyColumn, companyFacts, readCompany } from '../objects/company'
import { type ListInvocation, type ObjectListing, runList } from '../objects/list'
import { formatIds } from '../objects/print'
import { readObjects } from '../objects/read'

/** What `bpf btf list --json` says. */
export interface BtfFacts extends BtfInfo, Pick<Company, 'pids'> {
  readonly programIds: readonly number[]
  readonly mapIds: readonly number[]
}

/** `bpf btf list [id N]` */
export function runBtfList(invocation: ListInvocation): Promise<number> {
  return runList(btfListing, invocation)
}

export const btfListing: ObjectListing<BtfFacts> = {
  kind: 'btf',
  none: 'no BTF',
  read: (context, selector) => {
    const users = readUsers(context)
    const companyOf = readCompany(context, 'btf')
    return readObjects(context, 'btf', selector, fd => {
      const info = getBtfInfo(context.sys, fd)
      return { ...info, ...users(info.id), pids: companyOf(info.id).pids }
    })
  },
  columns: [
    { title: 'ID', cell: ({ id }) => String(id) },
    { title: 'OF', cell: originOf },
    { title: 'BYTES', cell: ({ size }) => String(size) },
    { title: 'PROGRAMS', keep: 'items', cell: ({ programIds }) => formatIds(programIds) },
    { title: 'MAPS', keep: 'items', cell: ({ mapIds }) => formatIds(mapIds) },
    companyColumn,
  ],
  details: btf => ({
    heading: `BTF ${btf.id}`,
    facts: { of: originOf(btf), size: `${btf.size} bytes`, programs: btf.programIds, maps: btf.mapIds, ...companyFacts(btf) },
  }),
  bpftool: bpftoolBtf,
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

/** As `bpftool -j -f btf show` prints it. */
function bpftoolBtf(btf: BtfFacts): Readonly<Record<string, unknown>> {
  const { programIds, mapIds } = btf
  return {
    id: btf.id,
    size: btf.size,
    prog_ids: programIds,
    map_ids: mapIds,
    ...bpftoolCompany(btf),
    kernel: btf.kernel,
    ...(btf.name !== '' && { name: btf.name }),
  }
}
