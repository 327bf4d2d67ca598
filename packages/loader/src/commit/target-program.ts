import { type Btf, BtfKind } from '@bpf/btf'
import { nearNames } from '@bpf/bytes'
import { readLoadedBtf } from '@bpf/kernel'
import type { ProgramPlan } from '@bpf/object'
import { type Fd, getProgInfo, type Sys } from '@bpf/sys'
import { LoadError } from '../errors'

/** The function of a loaded BPF program that another program is made for, by its number in that program's BTF. @throws LoadError */
export function functionInProgram(sys: Sys, plan: ProgramPlan, targetProgram: Fd | undefined): number {
  const fail = (problem: string, hint?: string) => new LoadError({ stage: 'program', subject: plan.name, problem, hint })
  if (targetProgram === undefined) {
    const hint = `load({ programs: { ${JSON.stringify(plan.name)}: { targetProgram } } })`
    throw fail(`is for a function of another program, which is not given`, hint)
  }
  if (plan.attachTarget === undefined) throw fail('does not say which function of the other program it is for', 'name it in the section')
  const { btfId, name } = getProgInfo(sys, targetProgram)
  if (btfId === 0) throw fail(`cannot be for a function of program "${name}", which has no BTF`, 'compile it with -g')
  const btf = readLoadedBtf(sys, btfId)
  const found = btf.find(plan.attachTarget, 'func')
  if (found !== undefined) return found.id
  const functions = functionNames(btf)
  const near = nearNames(plan.attachTarget, functions)
  const hint = near.length > 0 ? `did you mean ${near.join(' or ')}?` : `it has ${functions.join(', ')}`
  throw fail(`is for function "${plan.attachTarget}", which program "${name}" does not have`, hint)
}

function functionNames(btf: Btf): string[] {
  const names: string[] = []
  for (let id = btf.startId; id < btf.endId; id++) if (btf.kindOf(id) === BtfKind.Func) names.push(btf.nameOf(id))
  return names
}
