import { bpftoolCompany } from '../objects/company'
import type { LinkFacts } from './facts'

/** The fields that bpftool has names for, as `bpftool -j -f link show` prints them. */
const names: Readonly<Record<string, string>> = {
  name: 'tp_name',
  attachType: 'attach_type',
  targetObjId: 'target_obj_id',
  targetBtfId: 'target_btf_id',
  cgroupId: 'cgroup_id',
  target: 'target_name',
  netnsIno: 'netns_ino',
}

export function bpftoolLink({ id, type, progId, pinned, pids, ...facts }: LinkFacts): unknown {
  const shown = type === 'perf_event' ? [] : Object.entries(facts)
  const named = shown.flatMap(([name, value]) => {
    const theirs = names[name]
    return theirs === undefined ? [] : [[theirs, typeof value === 'bigint' ? Number(value) : value]]
  })
  return { id, type, prog_id: progId, ...Object.fromEntries(named), ...bpftoolCompany({ pinned, pids }) }
}
