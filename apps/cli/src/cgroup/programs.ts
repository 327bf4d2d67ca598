import { resolve } from 'node:path'
import { type CgroupHook, cgroupRoot, queryCgroupTree } from '@bpf/attach'
import { AttachFlag, AttachType, getProgInfo, snakeName, tryOpenById } from '@bpf/sys'
import type { KernelContext } from '../context'

/** One program of a cgroup for one purpose; a line of `bpf cgroup show`, an element of its JSON. */
export interface CgroupProgram {
  readonly cgroup: string
  /** `cgroup_inet_egress`. */
  readonly attachType: string
  readonly programId: number
  /** At most 15 bytes; null when the program is gone by now. */
  readonly programName: string | null
  readonly linkId: number | null
  /** How it lives with programs of other cgroups; null where what is inherited is shown. */
  readonly mode: 'multi' | 'override' | 'exclusive' | null
  /** The kernel function that an `lsm_cgroup` program is for: id of the BTF, of the type in it, and its name. */
  readonly attachedTo: { readonly btfObjectId: number; readonly btfId: number; readonly name: string } | null
}

export interface CgroupQuestion {
  readonly cgroup: string | undefined
  /** Also what is inherited. */
  readonly effective: boolean
  /** Also those below. */
  readonly recursive: boolean
}

/** @throws AttachError if it is no cgroup, SyscallError */
export function readCgroupPrograms(context: KernelContext, { cgroup, effective, recursive }: CgroupQuestion): CgroupProgram[] {
  const found: CgroupProgram[] = []
  const start = cgroup === undefined ? {} : { cgroup }
  const root = resolve(cgroupRoot(context.kernel) ?? '/sys/fs/cgroup', cgroup ?? '.')
  for (const { path, hooks } of queryCgroupTree(context, { ...start, effective })) {
    // The first one comes first, unless it has no programs.
    if (!recursive && path !== root) break
    found.push(...hooks.flatMap(hook => programsOf(context, path, hook, effective)))
  }
  return found
}

function programsOf(context: KernelContext, cgroup: string, hook: CgroupHook, effective: boolean): CgroupProgram[] {
  return hook.programs.map(({ programId, programName, linkId }) => ({
    cgroup,
    attachType: snakeName(AttachType, hook.attachType),
    programId,
    programName: programName ?? null,
    linkId: linkId ?? null,
    mode: effective ? null : modeOf(hook.flags),
    attachedTo: hook.attachType === AttachType.LsmCgroup ? attachedTo(context, programId) : null,
  }))
}

function modeOf(flags: number): 'multi' | 'override' | 'exclusive' {
  if (flags & AttachFlag.AllowMulti) return 'multi'
  return flags & AttachFlag.AllowOverride ? 'override' : 'exclusive'
}

function attachedTo({ sys, kernel }: KernelContext, programId: number): CgroupProgram['attachedTo'] {
  using program = tryOpenById(sys, 'prog', programId)
  if (program === undefined) return null
  const { attachBtfObjId, attachBtfId } = getProgInfo(sys, program.fd)
  return { btfObjectId: attachBtfObjId, btfId: attachBtfId, name: kernel.vmlinuxBtf()?.nameOf(attachBtfId) ?? '' }
}
