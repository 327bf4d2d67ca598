import { type Btf, BtfKind, type DeclTagType, type FuncProtoType, resolve, type TypeId } from '@bpf/btf'
import { ProgType } from '../constants/prog-type'
import type { ProgramSpec } from '../spec'
import type { Target } from '../target'
import type { BtfEdit } from './btf-edit'

const TAG = 'arg:ctx'

/** The struct that the verifier knows a program type's context by. Types that are not here have none with a name. */
const contextNames: Readonly<Record<number, string>> = {
  [ProgType.CgroupDevice]: 'bpf_cgroup_dev_ctx',
  [ProgType.CgroupSkb]: '__sk_buff',
  [ProgType.CgroupSock]: 'bpf_sock',
  [ProgType.CgroupSockAddr]: 'bpf_sock_addr',
  [ProgType.CgroupSockopt]: 'bpf_sockopt',
  [ProgType.CgroupSysctl]: 'bpf_sysctl',
  [ProgType.FlowDissector]: '__sk_buff',
  [ProgType.Kprobe]: 'bpf_user_pt_regs_t',
  [ProgType.LwtIn]: '__sk_buff',
  [ProgType.LwtOut]: '__sk_buff',
  [ProgType.LwtSeg6local]: '__sk_buff',
  [ProgType.LwtXmit]: '__sk_buff',
  [ProgType.Netfilter]: 'bpf_nf_ctx',
  [ProgType.PerfEvent]: 'bpf_perf_event_data',
  [ProgType.RawTracepoint]: 'bpf_raw_tracepoint_args',
  [ProgType.RawTracepointWritable]: 'bpf_raw_tracepoint_args',
  [ProgType.SchedAct]: '__sk_buff',
  [ProgType.SchedCls]: '__sk_buff',
  [ProgType.SkLookup]: 'bpf_sk_lookup',
  [ProgType.SkMsg]: 'sk_msg_md',
  [ProgType.SkReuseport]: 'sk_reuseport_md',
  [ProgType.SkSkb]: '__sk_buff',
  [ProgType.SockOps]: 'bpf_sock_ops',
  [ProgType.SocketFilter]: '__sk_buff',
  [ProgType.Xdp]: 'xdp_md',
}

/** What C calls the registers that a context pointer may be declared as, by program type. */
const registerStructs: Readonly<Record<number, readonly string[]>> = {
  [ProgType.Kprobe]: ['pt_regs'],
  [ProgType.PerfEvent]: ['pt_regs', 'user_pt_regs', 'user_regs_struct'],
}

/** FUNCs to name in the function info of programs instead of the object's own, by program type and FUNC. */
export type ContextClones = ReadonlyMap<number, ReadonlyMap<number, TypeId>>

/**
 * For kernels before 6.8, which do not know the tag `arg:ctx` on parameters of global functions: they take a parameter for the
 * context only if it points to the struct of the program's type. Such functions are described once more for each program
 * type, with that struct.
 */
export function cloneContextFunctions(edit: BtfEdit, target: Target, programs: readonly ProgramSpec[]): ContextClones {
  const tagged = tagsByFunction(edit.btf)
  const clones = new Map<number, Map<number, TypeId>>()
  if (tagged.size === 0 || target.has('argCtxTag') !== false) return clones
  const pointers = new Map<string, TypeId>()
  for (const programType of new Set(programs.map(({ type }) => type))) {
    const context = contextNames[programType]
    if (context === undefined) continue
    const ofType = new Map<number, TypeId>()
    for (const [functionId, tags] of tagged) {
      const clone = cloneFunction(edit, programType, context, functionId, tags, pointers)
      if (clone !== undefined) ofType.set(functionId, clone)
    }
    clones.set(programType, ofType)
  }
  return clones
}

function cloneFunction(
  edit: BtfEdit,
  programType: number,
  context: string,
  functionId: number,
  tags: readonly DeclTagType[],
  pointers: Map<string, TypeId>,
): TypeId | undefined {
  const { btf } = edit
  const func = btf.type(functionId)
  const proto = func.kind === 'func' && func.linkage === 'global' ? btf.type(func.type) : undefined
  if (func.kind !== 'func' || proto?.kind !== 'funcProto') return undefined
  const wrong = tags.map(tag => tag.componentIndex).filter(index => needsContext(btf, proto, index, programType, context))
  if (wrong.length === 0) return undefined
  const pointer =
    pointers.get(context) ?? edit.append({ kind: 'ptr', type: edit.append({ kind: 'struct', name: context, size: 0, members: [] }) })
  pointers.set(context, pointer)
  const params = proto.params.map((param, index) => (wrong.includes(index) ? { ...param, type: pointer } : param))
  const clone = edit.append({ ...func, type: edit.append({ ...proto, params }) })
  for (const componentIndex of wrong) edit.append({ kind: 'declTag', name: TAG, type: clone, componentIndex })
  return clone
}

function tagsByFunction(btf: Btf): Map<number, DeclTagType[]> {
  const tags = new Map<number, DeclTagType[]>()
  for (let id = btf.startId; id < btf.endId; id++) {
    const tag = btf.kindOf(id) === BtfKind.DeclTag ? btf.type(id) : undefined
    if (tag?.kind !== 'declTag' || tag.name !== TAG) continue
    const others = tags.get(tag.type)
    if (others === undefined) tags.set(tag.type, [tag])
    else others.push(tag)
  }
  return tags
}

/** Whether a tagged parameter is a pointer that the verifier would not take for the context, but that C may declare it as. */
function needsContext(btf: Btf, proto: FuncProtoType, index: number, programType: number, context: string): boolean {
  const param = proto.params[index]
  const pointer = param && resolve(btf, param.type)
  if (pointer?.kind !== 'ptr') return false
  const registers = registerStructs[programType]
  if (isNamed(btf, pointer.type, registers === undefined ? context : 'bpf_user_pt_regs_t')) return false
  const type = resolve(btf, pointer.type)
  if (type.kind === 'void') return true
  if (type.kind === 'struct') return registers?.includes(type.name) ?? false
  const isRawTracepoint = programType === ProgType.RawTracepoint || programType === ProgType.RawTracepointWritable
  return isRawTracepoint && type.kind === 'int' && type.size === 8
}

/** Whether there is a typedef of that name on the way to the type: `bpf_user_pt_regs_t` is no struct, but stands for one. */
function isNamed(btf: Btf, id: number, name: string): boolean {
  let type = btf.type(id)
  for (let depth = 0; depth < 32; depth++) {
    if (type.kind === 'typedef' && type.name === name) return true
    if (type.kind !== 'typedef' && type.kind !== 'const' && type.kind !== 'volatile' && type.kind !== 'restrict') return false
    type = btf.type(type.type)
  }
  return false
}
