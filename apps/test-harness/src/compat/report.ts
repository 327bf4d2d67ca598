import type { Requirement } from '@bpf/object'
import { formatTable, type Io } from '@bpf/terminal'
import type { ProgramVerdict } from './check'

/** One kernel's answer. */
export interface KernelVerdict {
  readonly kernel: string
  readonly btf: string
  readonly programs: readonly ProgramVerdict[]
  /** What the object needs and this kernel's version is too old for. */
  readonly newer: readonly Requirement[]
}

/** A table of programs and kernels, then each thing that is missing, with the kernels that lack it. */
export function formatCompat(verdicts: readonly KernelVerdict[], style: Io['style']): string[] {
  const programs = [...new Set(verdicts.flatMap(verdict => verdict.programs.map(({ program }) => program)))]
  const rows = programs.map(name => [
    name,
    ...verdicts.map(verdict =>
      cell(
        verdict.programs.find(({ program }) => program === name),
        style,
      ),
    ),
  ])
  return [...formatTable(['PROGRAM', ...verdicts.map(({ kernel }) => kernel)], rows), '', ...details(verdicts, style)]
}

function cell(verdict: ProgramVerdict | undefined, style: Io['style']): string {
  if (verdict === undefined) return ''
  if (verdict.status === 'fails') return style('red', '✗')
  return verdict.relocations.some(({ fate }) => fate === 'guarded') ? style('yellow', '✓ guarded') : style('green', '✓')
}

function details(verdicts: readonly KernelVerdict[], style: Io['style']): string[] {
  const found = new Map<string, { readonly lines: readonly string[]; readonly kernels: string[] }>()
  const add = (key: string, lines: readonly string[], kernel: string) => {
    const entry = found.get(key) ?? { lines, kernels: [] }
    entry.kernels.push(kernel)
    found.set(key, entry)
  }
  for (const { kernel, programs } of verdicts) {
    for (const { program, status, reason = '', relocations } of programs) {
      const lacking = relocations.filter(({ fate }) => fate !== 'found')
      for (const { path, fate, place, mismatches } of lacking) {
        const mark = fate === 'guarded' ? style('yellow', '!') : style('red', '✗')
        const where = place === undefined ? '' : `  ${place}`
        const text = `${mark} ${program}: ${path} is not there${fate === 'guarded' ? ', but the program asks first' : ''}${where}`
        add([program, path, fate, ...mismatches].join('\0'), [text, ...mismatches.map(mismatch => `    ${mismatch}`)], kernel)
      }
      if (status === 'fails' && lacking.length === 0) add(`${program} ${reason}`, [`${style('red', '✗')} ${program}: ${reason}`], kernel)
    }
  }
  return [...found.values()].flatMap(({ lines: [first = '', ...rest], kernels }) => [`${first}  (${kernels.join(', ')})`, ...rest])
}

/** Which kernel the object needs by version, and what the kernels here are too old for. */
export function formatNeeds(
  needs: { readonly lowestKernel: string | undefined },
  verdicts: readonly KernelVerdict[],
  style: Io['style'],
): string[] {
  const lowest = needs.lowestKernel === undefined ? [] : [`needs features of Linux ${needs.lowestKernel}`]
  const late = verdicts.flatMap(({ newer }) => newer)
  const warnings = [...new Map(late.map(need => [`${need.kind} ${need.name}`, need])).values()].map(({ kind, name, since, users }) => {
    const kernels = verdicts.filter(({ newer }) => newer.some(need => need.kind === kind && need.name === name)).map(({ kernel }) => kernel)
    return `${style('yellow', '!')} ${kind} ${name} came with Linux ${since}: ${users.join(', ')}  (${kernels.join(', ')})`
  })
  return [...lowest, ...warnings]
}
