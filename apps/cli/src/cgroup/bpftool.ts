import type { CgroupProgram } from './programs'

/** What bpftool prints of one program of a cgroup. */
export function bpftoolCgroupProgram({ programId, attachType, mode, programName, attachedTo }: CgroupProgram): unknown {
  return {
    id: programId,
    attach_type: attachType,
    ...(mode === null ? {} : { attach_flags: mode === 'exclusive' ? '' : mode }),
    name: programName ?? '',
    attach_btf_name: attachedTo?.name ?? '',
    attach_btf_obj_id: attachedTo?.btfObjectId ?? 0,
    attach_btf_id: attachedTo?.btfId ?? 0,
  }
}

/** What `bpftool -j cgroup tree` prints. */
export function bpftoolCgroupTree(programs: readonly CgroupProgram[]): unknown {
  const cgroups = [...new Set(programs.map(({ cgroup }) => cgroup))]
  return cgroups.map(cgroup => ({ cgroup, programs: programs.filter(program => program.cgroup === cgroup).map(bpftoolCgroupProgram) }))
}
