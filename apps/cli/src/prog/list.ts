import { companyColumn, companyFacts, readCompany } from '../objects/company'
import { type ListInvocation, type ObjectListing, runList } from '../objects/list'
import { type Details, formatIds, nothing } from '../objects/print'
import { readObjects } from '../objects/read'
import { bpftoolProgram } from './bpftool'
import { type ProgramFacts, readProgramFacts } from './facts'

/** `bpf prog list [SELECTOR]` */
export function runProgList(invocation: ListInvocation): Promise<number> {
  return runList(programListing, invocation)
}

export const programListing: ObjectListing<ProgramFacts> = {
  kind: 'prog',
  none: 'no programs',
  read: (context, selector) => {
    const companyOf = readCompany(context, 'prog')
    return readObjects(context, 'prog', selector, fd => readProgramFacts(context, fd, companyOf))
  },
  columns: [
    { title: 'ID', cell: ({ id }) => String(id) },
    { title: 'TYPE', cell: ({ type }) => type },
    { title: 'NAME', cell: ({ name }) => name || nothing },
    { title: 'TAG', keep: 'all', optional: true, cell: ({ tag }) => tag },
    { title: 'XLATED', cell: ({ xlatedBytes }) => String(xlatedBytes) },
    { title: 'JITED', cell: ({ jitedBytes }) => String(jitedBytes) },
    { title: 'MAPS', keep: 'items', cell: ({ mapIds }) => formatIds(mapIds) },
    companyColumn,
  ],
  details: programDetails,
  bpftool: bpftoolProgram,
}

function programDetails(program: ProgramFacts): Details {
  const { id, type, name, runCount, runTimeNs } = program
  return {
    heading: `program ${id}${name && ` ${name}`}`,
    facts: {
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
      ...companyFacts(program),
      ...Object.fromEntries(Object.entries(program.metadata).map(([name, value]) => [`metadata ${name}`, value])),
    },
  }
}
