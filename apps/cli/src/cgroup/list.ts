import { UsageError } from '@bpf/terminal'
import { withKernel } from '../context'
import { type ListInvocation, type Listing, type ListOptions, printListing } from '../objects/list'
import { nothing } from '../objects/print'
import { bpftoolCgroupProgram, bpftoolCgroupTree } from './bpftool'
import { type CgroupProgram, readCgroupPrograms } from './programs'

export interface CgroupListInvocation extends ListInvocation {
  readonly options: ListOptions & { readonly effective: boolean }
}

export async function runCgroupList(invocation: CgroupListInvocation): Promise<number> {
  const { cgroup, effective } = parseOperands(invocation)
  if (cgroup === undefined) throw new UsageError('which cgroup?', 'write: bpf cgroup show CGROUP; bpf cgroup tree shows all')
  const programs = await withKernel(context => readCgroupPrograms(context, { cgroup, effective, recursive: false }))
  return printListing(cgroupListing, programs, invocation.options, invocation.io)
}

export async function runCgroupTree(invocation: CgroupListInvocation): Promise<number> {
  const { cgroup, effective } = parseOperands(invocation)
  const programs = await withKernel(context => readCgroupPrograms(context, { cgroup, effective, recursive: true }))
  return printListing(cgroupTree, programs, invocation.options, invocation.io)
}

export const cgroupListing: Listing<CgroupProgram> = {
  none: 'no program',
  columns: [
    { title: 'ID', cell: ({ programId }) => String(programId) },
    { title: 'TYPE', cell: ({ attachType }) => attachType },
    { title: 'MODE', cell: ({ mode }) => mode ?? nothing },
    { title: 'NAME', cell: ({ programName }) => programName ?? nothing },
    { title: 'LINK', optional: true, cell: ({ linkId }) => (linkId === null ? nothing : String(linkId)) },
    { title: 'FOR', optional: true, cell: ({ attachedTo }) => attachedTo?.name ?? nothing },
  ],
  bpftool: programs => programs.map(bpftoolCgroupProgram),
}

export const cgroupTree: Listing<CgroupProgram> = {
  ...cgroupListing,
  columns: [{ title: 'CGROUP', keep: 'end', cell: ({ cgroup }) => cgroup }, ...cgroupListing.columns],
  bpftool: bpftoolCgroupTree,
}

/** `CGROUP effective`, as bpftool has it, or `--effective`. */
function parseOperands({ positionals, options }: CgroupListInvocation): {
  readonly cgroup: string | undefined
  readonly effective: boolean
} {
  const [cgroup, keyword] = positionals
  if (keyword !== undefined && keyword !== 'effective') throw new UsageError(`${keyword}: not understood`, 'only "effective" may follow')
  if (cgroup === 'effective') return { cgroup: undefined, effective: true }
  return { cgroup, effective: options.effective || keyword === 'effective' }
}
