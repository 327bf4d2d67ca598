import { type Mount, parseMounts } from '@bpf/kernel'
import { ExitCode, type Io, toJson } from '@bpf/terminal'
import { withKernel } from '../context'
import type { ListOptions } from '../objects/list'
import { type ListColumn, nothing, printTable } from '../objects/print'

/** What `bpf token list --json` says of a bpf file system. Names are the kernel's; `any` stands for all. */
export interface Delegation {
  readonly path: string
  readonly commands: readonly string[]
  readonly mapTypes: readonly string[]
  readonly programTypes: readonly string[]
  readonly attachTypes: readonly string[]
}

/** `bpf token list` */
export function runTokenList({ options, io }: { readonly options: ListOptions; readonly io: Io }): Promise<number> {
  return withKernel(({ kernel }) => {
    const found = delegations(parseMounts(kernel.files.text('/proc/self/mountinfo') ?? ''))
    if (options['bpftool-json']) io.out(toJson(found.map(bpftoolToken)))
    else if (options.json) io.out(toJson(found))
    else if (found.length === 0) io.note('no bpf file system delegates rights')
    else printDelegations(found, io)
    return ExitCode.Ok
  })
}

export function delegations(mounts: readonly Mount[]): Delegation[] {
  return mounts
    .filter(({ type, options }) => type === 'bpf' && options.includes('delegate_'))
    .map(({ path, options }) => ({
      path,
      commands: namesOf(options, 'delegate_cmds'),
      mapTypes: namesOf(options, 'delegate_maps'),
      programTypes: namesOf(options, 'delegate_progs'),
      attachTypes: namesOf(options, 'delegate_attachs'),
    }))
}

/** `delegate_cmds=map_create:prog_load` */
function namesOf(options: string, name: string): readonly string[] {
  const option = options.split(',').find(text => text.startsWith(`${name}=`))
  return option === undefined ? [] : option.slice(name.length + 1).split(':')
}

/** As `bpftool -j token show` prints it. */
function bpftoolToken({ path, commands, mapTypes, programTypes, attachTypes }: Delegation): unknown {
  return { token_info: path, allowed_cmds: commands, allowed_maps: mapTypes, allowed_progs: programTypes, allowed_attachs: attachTypes }
}

const words = (names: readonly string[]) => names.join(' ') || nothing

const columns: readonly ListColumn<Delegation>[] = [
  { title: 'BPF FILE SYSTEM', cell: ({ path }) => path },
  { title: 'COMMANDS', cell: ({ commands }) => words(commands) },
  { title: 'MAPS', cell: ({ mapTypes }) => words(mapTypes) },
  { title: 'PROGRAMS', cell: ({ programTypes }) => words(programTypes) },
  { title: 'ATTACH TYPES', cell: ({ attachTypes }) => words(attachTypes) },
]

export function printDelegations(found: readonly Delegation[], io: Io): void {
  printTable(columns, found, io)
}
