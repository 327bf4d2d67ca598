import type { Io } from '@bpf/terminal'
import { withKernel } from '../context'
import { formatCompany, readCompany } from '../objects/company'
import { printDetails, printTable } from '../objects/print'
import { type ListOptions, printListing } from '../objects/print-all'
import { readObjects } from '../objects/read'
import { onlySelector } from '../selector'
import { bpftoolProgram } from './bpftool'
import { type ProgramFacts, readProgramFacts } from './facts'

interface Invocation {
  readonly positionals: readonly string[]
  readonly options: ListOptions
  readonly io: Io
}

/** `bpf prog list [SELECTOR]` */
export function runProgList({ positionals, options, io }: Invocation): Promise<number> {
  const selector = onlySelector(positionals, 'prog', io)
  return withKernel(context => {
    const companyOf = readCompany(context, 'prog')
    const found = readObjects(context, 'prog', selector, fd => readProgramFacts(context, fd, companyOf))
    return printListing(
      {
        found,
        selected: selector !== undefined,
        bpftool: bpftoolProgram,
        table: programs => printPrograms(programs, io),
        details: program => printProgram(program, io),
        noun: 'programs',
      },
      options,
      io,
    )
  })
}

function printPrograms(programs: readonly ProgramFacts[], io: Io): void {
  const rows = programs.map(program => [
    String(program.id),
    program.type,
    program.name || '-',
    program.tag,
    String(program.xlatedBytes),
    String(program.jitedBytes),
    program.mapIds.join(',') || '-',
    formatCompany(program) || '-',
  ])
  printTable(['ID', 'TYPE', 'NAME', 'TAG', 'XLATED', 'JITED', 'MAPS', 'HELD BY'], rows, io)
}

function printProgram(program: ProgramFacts, io: Io): void {
  const { id, type, name, runCount, runTimeNs } = program
  printDetails(
    `program ${id}${name && ` ${name}`}`,
    {
      type,
      tag: program.tag,
      license: program.gplCompatible ? 'GPL compatible' : 'not GPL compatible',
      loaded: `${program.loadedAt} by uid ${program.uid}`,
      xlated: `${program.xlatedBytes} bytes`,
      jited: program.jitedBytes > 0 ? `${program.jitedBytes} bytes` : 'no, interpreted',
      verified: program.verifiedInsns > 0 ? `${program.verifiedInsns} instructions` : undefined,
      memory: program.memlockBytes === null ? undefined : `${program.memlockBytes} bytes`,
      maps: program.mapIds,
      btf: program.btfId || undefined,
      device: program.ifindex || undefined,
      runs: runCount > 0n ? `${runCount}, ${runTimeNs} ns in all, ${runTimeNs / runCount} ns each` : undefined,
      'skipped runs': program.recursionMisses || undefined,
      'pinned at': program.pinned,
      'held by': program.pids.map(({ pid, command }) => `${command} ${pid}`),
    },
    io,
  )
}
