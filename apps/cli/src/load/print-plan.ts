import type { LoadPlan, ProgramPlan } from '@bpf/object'
import { ProgType } from '@bpf/sys'
import type { Column, Io } from '@bpf/terminal'
import { printIndented } from '../objects/print'
import { describeMap, typeName } from './report'

/** The plan as tables on stdout: what would be created and loaded, in order. */
export function printPlan(plan: LoadPlan, io: Io): void {
  const heading = (text: string) => io.out(io.style('bold', text))
  heading(`plan for ${plan.name} on ${plan.target}`)
  if (plan.btf)
    io.out(
      `  BTF: ${plan.btf.byteLength} bytes to upload${plan.btfChanges.length > 0 ? `, ${plan.btfChanges.length} changes for this kernel` : ''}`,
    )
  io.out('')
  heading('maps to create')
  printRows(
    io,
    ['NAME', { title: 'WHAT', keep: 'lines' }, { title: 'THEN', keep: 'lines' }],
    plan.maps.map(map => [map.name, describeMap(map), afterwards(map)]),
  )
  io.out('')
  heading('programs to load')
  const rows = plan.programs.map(program =>
    program.error === undefined
      ? programRow(program)
      : [program.name, program.section, '', '', `cannot be loaded: ${program.error.message}`],
  )
  printRows(io, ['NAME', { title: 'SECTION', keep: 'end' }, 'TYPE', 'INSNS', { title: 'CODE', keep: 'lines' }], rows)
  for (const warning of plan.warnings) io.note(io.style('yellow', `warning: ${warning}`))
}

function printRows(io: Io, columns: readonly (string | Column)[], rows: readonly (readonly string[])[]): void {
  if (rows.length === 0) io.out('  none')
  else printIndented(columns, rows, io)
}

function afterwards(map: LoadPlan['maps'][number]): string {
  const steps = [
    map.contents && `write ${map.contents.byteLength} bytes`,
    map.freeze && 'freeze',
    map.slots.length > 0 && `fill ${map.slots.length} slots`,
  ]
  return steps.filter(Boolean).join(', ') || '-'
}

function programRow(program: ProgramPlan): string[] {
  const parts = [
    program.holes.length > 0 && `${program.holes.length} map references`,
    program.core.length > 0 && `${program.core.length} CO-RE relocations`,
    program.functions.length > 1 && `${program.functions.length - 1} subprograms`,
    program.poisoned.length > 0 && `${program.poisoned.length} poisoned instructions`,
  ]
  return [
    program.name,
    program.section,
    typeName(ProgType, program.type),
    String(program.code.byteLength / 8),
    parts.filter(Boolean).join(', ') || '-',
  ]
}
