import type { StructOpsState } from '@bpf/maps'
import { ExitCode, formatValue, type Io, toJson } from '@bpf/terminal'
import { type KernelContext, withKernel } from '../context'
import type { ListOptions } from '../objects/list'
import { type ListColumn, printTable } from '../objects/print'
import { onlySelector } from '../selector'
import { bpftoolStructOps } from './bpftool'
import { type OpenedStructOps, openStructOps } from './facts'
import { structTypeOf } from './struct-type'
import { dataOf, type MemberProgram, programOf } from './value'

/** A member of a kernel interface, and what an implementation has there. */
export interface DumpedMember {
  readonly name: string
  readonly type: string
  /** Decoded by the kernel's types; null for functions. */
  readonly value: unknown
  /** Of functions that the implementation has. */
  readonly program: MemberProgram | null
}

/** An element of what `bpf struct-ops dump --json` prints. */
export interface StructOpsDump {
  readonly id: number
  readonly name: string
  readonly kernelStruct: string | null
  readonly state: StructOpsState
  readonly references: number
  readonly members: readonly DumpedMember[]
}

interface Invocation {
  readonly positionals: readonly string[]
  readonly options: ListOptions
  readonly io: Io
}

/** `bpf struct-ops dump [SELECTOR]` */
export function runStructOpsDump({ positionals, options, io }: Invocation): Promise<number> {
  const selector = onlySelector(positionals, 'map', io)
  return withKernel(context => {
    const opened = openStructOps(context, selector)
    try {
      if (options['bpftool-json']) io.out(toJson(opened.flatMap(one => bpftoolStructOps(context, one))))
      else
        show(
          opened.map(one => readDump(context, one)),
          options,
          io,
        )
    } finally {
      for (const one of opened) one[Symbol.dispose]()
    }
    return ExitCode.Ok
  })
}

function show(dumps: readonly StructOpsDump[], { json }: ListOptions, io: Io): void {
  if (json) io.out(toJson(dumps))
  else if (dumps.length === 0) io.note('no struct_ops')
  else for (const [i, dump] of dumps.entries()) printDump(dump, i > 0, io)
}

function readDump(context: KernelContext, { map, info }: OpenedStructOps): StructOpsDump {
  const type = structTypeOf(context, info)
  const data = dataOf(map.value())
  const members = (type?.members ?? []).map(({ name, type, isFunction }): DumpedMember => {
    const value = data[name]
    return { name, type, value: isFunction ? null : (value ?? null), program: isFunction ? programOf(context, value) : null }
  })
  return { id: info.id, name: info.name, kernelStruct: type?.name ?? null, state: map.state(), references: map.references(), members }
}

export function printDump({ id, name, kernelStruct, state, members }: StructOpsDump, isNext: boolean, io: Io): void {
  if (isNext) io.out('')
  io.out(`${io.style('bold', `struct_ops ${id} ${name}`)}  ${io.style('dim', `${kernelStruct ?? 'of an unknown type'}, ${state}`)}`)
  printTable(memberColumns, members, io)
}

const memberColumns: readonly ListColumn<DumpedMember>[] = [
  { title: 'MEMBER', cell: ({ name }) => name },
  { title: 'VALUE', cell: valueText },
  { title: 'TYPE', cell: ({ type }) => type },
]

function valueText({ value, program }: DumpedMember): string {
  return program === null ? formatValue(value) : `program ${program.id} ${program.name ?? ''}`.trimEnd()
}
