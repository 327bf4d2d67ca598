import type { BpfError } from '@bpf/bytes'
import type { LoadPlan, ProgramPlan } from '@bpf/object'
import { ProgType } from '@bpf/sys'
import { type Column, countOf, type Io, roomOf, wrapLine } from '@bpf/terminal'
import { printIndented } from '../objects/print'
import { describeMap, typeName } from './report'

/** The plan as tables on stdout: what would be created and loaded, in order. */
export function printPlan(plan: LoadPlan, io: Io): void {
  const heading = (text: string) => io.out(io.style('bold', text))
  heading(`plan for ${plan.name} on ${plan.target}`)
  if (plan.btf)
    io.out(
      `  BTF: ${plan.btf.byteLength} bytes to upload${plan.btfChanges.length > 0 ? `, ${countOf(plan.btfChanges.length, 'change')} for this kernel` : ''}`,
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
    program.error === undefined ? programRow(program) : [program.name, program.section, '-', '-', 'cannot be loaded'],
  )
  printRows(io, ['NAME', { title: 'SECTION', keep: 'end' }, 'TYPE', 'INSNS', { title: 'CODE', keep: 'lines' }], rows)
  printFailures(
    plan.programs.flatMap(({ error }) => error ?? []),
    io,
  )
  for (const warning of plan.warnings) io.note(io.style('yellow', `warning: ${warning}`))
}

/** Below the table, where there is room for them. What several have in common is hinted at once. */
function printFailures(errors: readonly BpfError[], io: Io): void {
  const hints = new Set(errors.flatMap(({ hint }) => hint ?? []))
  const lines = [...errors.map(({ message }) => message), ...[...hints].map(hint => `${io.style('cyan', 'hint:')} ${hint}`)]
  if (lines.length > 0) io.out('')
  for (const line of lines) for (const part of wrapLine(`  ${line}`, roomOf(io))) io.out(part)
}

function printRows(io: Io, columns: readonly (string | Column)[], rows: readonly (readonly string[])[]): void {
  if (rows.length === 0) io.out('  none')
  else printIndented(columns, rows, io)
}

function afterwards(map: LoadPlan['maps'][number]): string {
  const steps = [
    map.contents && `write ${map.contents.byteLength} bytes`,
    map.freeze && 'freeze',
    map.slots.length > 0 && `fill ${countOf(map.slots.length, 'slot')}`,
  ]
  return steps.filter(Boolean).join(', ') || '-'
}

function programRow(program: ProgramPlan): string[] {
  const parts = [
    program.holes.length > 0 && countOf(program.holes.length, 'map reference'),
    program.core.length > 0 && countOf(program.core.length, 'CO-RE relocation'),
    program.functions.length > 1 && countOf(program.functions.length - 1, 'subprogram'),
    program.poisoned.length > 0 && countOf(program.poisoned.length, 'poisoned instruction'),
  ]
  return [
    program.name,
    program.section,
    typeName(ProgType, program.type),
    String(program.code.byteLength / 8),
    parts.filter(Boolean).join(', ') || '-',
  ]
}
