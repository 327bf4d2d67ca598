import type { Access } from './access'
import { describeType } from './type-queries'

/** An access as C writes it: `struct task_struct.pid`, `struct sock.a[3].b`, `enum bpf_map_type::BPF_MAP_TYPE_HASH`, `struct sk_buff`. */
export function cPath(access: Access, subject: 'field' | 'type' | 'enumerator'): string {
  const root = describeType(access.btf.type(access.rootId))
  if (subject === 'enumerator') return `${root}::${access.steps[0]?.name ?? ''}`
  let path = root
  for (const [position, step] of access.steps.entries()) {
    if (step.name !== undefined) path += `.${step.name}`
    else if (position > 0 || step.index > 0) path += `[${step.index}]`
  }
  return path
}
