import { bpftoolCompany } from '../objects/company'
import { plainNumbers } from '../objects/plain-numbers'
import type { ProgramFacts } from './facts'

/** A program as `bpftool -j -f prog show` prints it. Fields that say nothing are left out there. */
export function bpftoolProgram(program: ProgramFacts): Readonly<Record<string, unknown>> {
  const { runTimeNs, recursionMisses, jitedBytes, memlockBytes } = program
  return {
    id: program.id,
    type: program.type,
    ...(program.name && { name: program.name }),
    tag: program.tag,
    gpl_compatible: program.gplCompatible,
    ...(runTimeNs > 0n && { run_time_ns: Number(runTimeNs), run_cnt: Number(program.runCount) }),
    ...(recursionMisses > 0n && { recursion_misses: Number(recursionMisses) }),
    loaded_at: Math.floor(Date.parse(program.loadedAt) / 1000),
    uid: program.uid,
    ...(program.orphaned && { orphaned: true }),
    bytes_xlated: program.xlatedBytes,
    jited: jitedBytes > 0,
    ...(jitedBytes > 0 && { bytes_jited: jitedBytes }),
    ...(memlockBytes !== null && { bytes_memlock: memlockBytes }),
    ...(program.mapIds.length > 0 && { map_ids: program.mapIds }),
    ...(program.btfId > 0 && { btf_id: program.btfId }),
    ...bpftoolCompany(program),
    ...(Object.keys(program.metadata).length > 0 && { metadata: plainNumbers(program.metadata) }),
  }
}
