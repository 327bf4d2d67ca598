import { readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { AttachType, Errno, isSyscallError } from '@bpf/sys'
import { queryCgroup } from '../cgroup/cgroup'
import { cgroupRoot, openCgroup } from '../cgroup/cgroup-path'
import type { AttachContext } from '../context'
import type { HookState } from './hook'

/** The programs of one cgroup for one purpose. */
export interface CgroupHook extends HookState {
  /** `AttachType`. */
  readonly attachType: number
}

export interface CgroupPrograms {
  readonly path: string
  /** Only those with programs. */
  readonly hooks: readonly CgroupHook[]
}

export interface QueryCgroupTreeOptions {
  /** Where to begin, relative to where cgroup2 is mounted unless absolute; its root unless given. */
  readonly cgroup?: string
  /** Also what each cgroup inherits. */
  readonly effective?: boolean
}

/** Every `AttachType` that programs attach to cgroups with. */
export const cgroupAttachTypes: readonly number[] = [
  ...Object.entries(AttachType).flatMap(([name, type]) => (name.startsWith('Cgroup') ? [type] : [])),
  AttachType.LsmCgroup,
]

/**
 * What is attached to a cgroup and to those below it, by anyone: those with programs, parents first. Cgroups that go away
 * meanwhile are left out. @throws AttachError if the first is no cgroup, SyscallError
 */
export function* queryCgroupTree(context: AttachContext, options: QueryCgroupTreeOptions = {}): Generator<CgroupPrograms> {
  const { cgroup = '.', effective = false } = options
  const root = resolve(cgroupRoot(context.kernel) ?? '/sys/fs/cgroup', cgroup)
  openCgroup(context, root, { kind: 'cgroup', program: '', target: `cgroup ${cgroup}` }).close()
  const known = cgroupAttachTypes.filter(type => hookOf(context, root, type, effective) !== undefined)
  for (const path of directories(root)) {
    const hooks = known.flatMap(type => hookOf(context, path, type, effective) ?? []).filter(({ programs }) => programs.length > 0)
    if (hooks.length > 0) yield { path, hooks }
  }
}

/** Undefined for attach types that this kernel does not know, and for cgroups that are gone. */
function hookOf(context: AttachContext, path: string, attachType: number, effective: boolean): CgroupHook | undefined {
  try {
    return { attachType, ...queryCgroup(context, path, attachType, { effective }) }
  } catch (error) {
    if (isSyscallError(error, Errno.EINVAL) || (error instanceof Error && isSyscallError(error.cause, Errno.ENOENT, Errno.ENODEV))) {
      return undefined
    }
    throw error
  }
}

function* directories(path: string): Generator<string> {
  yield path
  for (const name of subdirectories(path)) yield* directories(join(path, name))
}

function subdirectories(path: string): readonly string[] {
  try {
    return readdirSync(path, { withFileTypes: true })
      .filter(entry => entry.isDirectory())
      .map(({ name }) => name)
      .sort()
  } catch {
    return []
  }
}
