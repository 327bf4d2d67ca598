import { ExitCode, type Io, toJson, UsageError } from '@bpf/terminal'
import { withKernel } from '../context'
import { printTable } from '../objects/print'
import type { ListOptions } from '../objects/print-all'
import { bpftoolCgroupProgram, bpftoolCgroupTree } from './bpftool'
import { type CgroupProgram, readCgroupPrograms } from './programs'

export interface CgroupListInvocation {
  readonly positionals: readonly string[]
  readonly options: ListOptions & { readonly effective: boolean }
  readonly io: Io
}

export async function runCgroupList(invocation: CgroupListInvocation): Promise<number> {
  const { options, io } = invocation
  const { cgroup, effective } = parseOperands(invocation)
  if (cgroup === undefined) throw new UsageError('which cgroup?', 'write: bpf cgroup show CGROUP; bpf cgroup tree shows all')
  const programs = await withKernel(context => readCgroupPrograms(context, { cgroup, effective, recursive: false }))
  if (options['bpftool-json']) io.out(toJson(programs.map(bpftoolCgroupProgram)))
  else print(programs, ['ID', 'TYPE', 'MODE', 'NAME', 'LINK', 'FOR'], row, options, io)
  return ExitCode.Ok
}

export async function runCgroupTree(invocation: CgroupListInvocation): Promise<number> {
  const { options, io } = invocation
  const { cgroup, effective } = parseOperands(invocation)
  const programs = await withKernel(context => readCgroupPrograms(context, { cgroup, effective, recursive: true }))
  if (options['bpftool-json']) io.out(toJson(bpftoolCgroupTree(programs)))
  else print(programs, ['CGROUP', 'ID', 'TYPE', 'MODE', 'NAME', 'LINK', 'FOR'], program => [program.cgroup, ...row(program)], options, io)
  return ExitCode.Ok
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

function print(
  programs: readonly CgroupProgram[],
  header: readonly string[],
  cells: (program: CgroupProgram) => readonly string[],
  { json }: ListOptions,
  io: Io,
): void {
  if (json) io.out(toJson(programs))
  else if (programs.length > 0) printTable(header, programs.map(cells), io)
  else io.note('no program')
}

function row({ programId, attachType, mode, programName, linkId, attachedTo }: CgroupProgram): readonly string[] {
  return [String(programId), attachType, mode ?? '', programName ?? '', linkId === null ? '' : String(linkId), attachedTo?.name ?? '']
}
