import { type Btf, type CompositeType, essentialName, type Member, resolve } from '@bpf/btf'
import { fits } from '@bpf/bytes'
import { isComposite, sameKind, sizeOfType } from '../core/type-queries'
import type { StructOpsPlan } from '../plan-types'
import type { StructOpsSpec } from '../spec'
import type { Target } from '../target'
import { findInKernel } from './ksym'
import { PlanError } from './plan-error'

/** What a kernel makes of one struct_ops variable. */
export interface StructOpsMatch {
  readonly plan: StructOpsPlan
  /** `struct bpf_struct_ops_X`: the map's value type. */
  readonly valueType: { readonly typeId: number; readonly module: string | undefined }
  /** Bytes. */
  readonly valueSize: number
  readonly programs: readonly StructOpsProgram[]
  /** Programs of members that this kernel does not have. */
  readonly unused: readonly string[]
}

/** How a program in a struct_ops variable is loaded. */
export interface StructOpsProgram {
  readonly program: string
  /** `struct X` in the kernel. */
  readonly attachBtfId: number
  readonly module: string | undefined
  /** Index of the member in the kernel's struct: the expected attach type. */
  readonly memberIndex: number
  /** `tcp_congestion_ops.init`. */
  readonly target: string
}

/**
 * Translates a variable into the kernel's layout of its type: members are matched by name and must be of the same kind and
 * size; those that the kernel lacks must be zero or a function pointer, which is then dropped.
 *
 * @throws PlanError
 */
export function matchStructOps(spec: StructOpsSpec, local: Btf, target: Target): StructOpsMatch {
  const kernel = findKernelTypes(spec, target)
  const type = local.type(spec.typeId)
  if (!isComposite(type)) throw fail(spec, `type ${spec.typeId} is no struct`)
  const value = new Uint8Array(kernel.value.size)
  const programs: StructOpsProgram[] = []
  const slots: { readonly offset: number; readonly program: string }[] = []
  const unused: string[] = []
  for (const [index, member] of type.members.entries()) {
    const program = spec.programs.find(bound => bound.memberIndex === index)?.program
    const bytes = memberBytes(spec, local, member)
    const memberIndex = kernel.type.members.findIndex(({ name }) => name === member.name)
    const other = kernel.type.members[memberIndex]
    if (other === undefined) {
      if (bytes.some(byte => byte !== 0)) throw fail(spec, `the kernel's struct has no member ${member.name}, which is set`)
      if (program !== undefined) unused.push(program)
      continue
    }
    checkMember(spec, local, member, kernel.btf, other)
    const offset = kernel.dataOffset + other.bitOffset / 8
    if (program !== undefined) {
      const attach = { attachBtfId: kernel.type.id, module: kernel.module, memberIndex, target: `${kernel.type.name}.${member.name}` }
      programs.push({ program, ...attach })
      slots.push({ offset, program })
    } else if (resolve(local, member.type).kind !== 'ptr') {
      if (!fits(offset, bytes.length, value.length)) throw fail(spec, `member ${member.name} is outside the kernel's value`)
      value.set(bytes, offset)
    }
  }
  return {
    plan: { map: spec.map, link: spec.link, value, programs: slots },
    valueType: { typeId: kernel.value.id, module: kernel.module },
    valueSize: kernel.value.size,
    programs,
    unused,
  }
}

/** Bytes; the largest real one has some thousands, but damaged BTF can claim anything. */
const MAX_SIZE = 1 << 20

interface KernelTypes {
  readonly btf: Btf
  readonly module: string | undefined
  readonly type: CompositeType
  readonly value: CompositeType
  /** Bytes from the start of the value to the struct itself. */
  readonly dataOffset: number
}

function findKernelTypes(spec: StructOpsSpec, target: Target): KernelTypes {
  const name = essentialName(spec.typeName)
  const found = findInKernel(`bpf_struct_ops_${name}`, 'struct', target)
  if (found === undefined)
    throw fail(spec, `${target.description} has no struct bpf_struct_ops_${name}: it does not offer struct ${name} to BPF`)
  const { btf, module } = found
  const value = btf.type(found.typeId)
  const type = btf.type(btf.idsByName(name, 'struct')[0] ?? 0)
  const data = isComposite(value) ? value.members.find(member => member.type === type.id) : undefined
  if (data === undefined || !isComposite(type) || !isComposite(value)) {
    throw fail(spec, `struct bpf_struct_ops_${name} contains no struct ${name}`)
  }
  if (value.size > MAX_SIZE) throw fail(spec, `struct bpf_struct_ops_${name} has ${value.size} bytes, which cannot be`)
  return { btf, module, type, value, dataOffset: data.bitOffset / 8 }
}

function memberBytes(spec: StructOpsSpec, local: Btf, member: Member): Uint8Array {
  const size = sizeOfType(local, member.type)
  const offset = Math.floor(member.bitOffset / 8)
  if (size === undefined || !fits(offset, size, spec.contents.length)) throw fail(spec, `member ${member.name} is outside the variable`)
  return spec.contents.subarray(offset, offset + size)
}

function checkMember(spec: StructOpsSpec, local: Btf, member: Member, kernel: Btf, other: Member): void {
  const problem = (text: string) => fail(spec, `member ${member.name} ${text}`)
  if (member.bitSize > 0 || other.bitSize > 0 || other.bitOffset % 8 !== 0) throw problem('is a bit field')
  const type = resolve(local, member.type)
  const otherType = resolve(kernel, other.type)
  if (!sameKind(type, otherType)) throw problem(`is a ${otherType.kind} in the kernel, not a ${type.kind}`)
  const size = sizeOfType(local, member.type)
  const otherSize = sizeOfType(kernel, other.type)
  if (size !== otherSize) throw problem(`has ${otherSize} bytes in the kernel, not ${size}`)
}

function fail(spec: StructOpsSpec, problem: string): PlanError {
  return new PlanError('ERR_BPF_PLAN_STRUCT_OPS', `struct_ops "${spec.map}" (struct ${spec.typeName}): ${problem}`)
}
