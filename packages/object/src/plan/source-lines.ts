import type { Btf } from '@bpf/btf'
import { BpfError } from '@bpf/bytes'
import type { ProgramPlan } from '../plan-types'
import type { LinkedProgram } from './link'

/** Source of every slot range of a program, by slot. Lines whose strings are damaged are left out. */
export function sourceLines(linked: LinkedProgram, btf: Btf): ProgramPlan['source'] {
  return linked.functions.flatMap(({ spec, slot }) =>
    spec.lineInfo.flatMap(info => {
      try {
        const file = btf.string(info.fileNameOffset)
        return [{ slot: slot + info.slot, file, line: info.line, column: info.column, text: btf.string(info.lineOffset) }]
      } catch (error) {
        if (error instanceof BpfError) return []
        throw error
      }
    }),
  )
}
