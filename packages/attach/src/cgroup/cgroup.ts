import { AttachFlag, AttachType, Errno, type Fd, linkCreate, QueryFlag, type SyscallError, snakeName } from '@bpf/sys'
import { anchorOf, nextTo, type Place } from '../anchor'
import type { AttachContext } from '../context'
import { clearPlace } from '../leftover/noted'
import type { Place as NotedPlace } from '../leftover/place'
import { kernelLink } from '../link/kernel-link'
import type { AttachableProgram, Link, LinkInterface, LinkLabel } from '../link/link'
import { openTarget } from '../owned'
import { progAttachLink } from '../prog-attach'
import { type HookState, queryHook } from '../query/hook'
import { attachFirst, type Explanation } from '../ways'
import { cgroupRoot, openCgroup, pathOfCgroup } from './cgroup-path'

export interface CgroupTarget {
  /** A directory of a cgroup2 file system, relative to where it is mounted unless absolute; or a descriptor of it. */
  readonly cgroup: string | Fd
  /** `AttachType`; what the program was loaded for unless given. */
  readonly attachType?: number
  /**
   * How it lives with programs of other cgroups: `multi` runs beside them, `override` may be replaced by one further down,
   * `exclusive` allows none below. Links are always `multi`; of the other two, a cgroup has one program, whose place is taken.
   */
  readonly mode?: 'multi' | 'override' | 'exclusive'
  /** Among the programs of this cgroup (6.17): a link next to a link, what PROG_ATTACH attached next to its like. */
  readonly place?: Place
  /** Runs before the programs of cgroups further down, instead of after them (6.15). */
  readonly preorder?: boolean
  /** Refuse if the hook changed since this revision was read (6.17). */
  readonly expectedRevision?: bigint
  readonly interfaces?: readonly LinkInterface[]
}

const modeFlags = { multi: AttachFlag.AllowMulti, override: AttachFlag.AllowOverride, exclusive: 0 } as const

/** Attaches to a cgroup: to what its processes, and those of cgroups below, do. @throws AttachError */
export function attachCgroup(context: AttachContext, program: AttachableProgram, target: CgroupTarget): Link {
  const { sys } = context
  const { mode = 'multi', attachType = program.expectedAttachType, expectedRevision, interfaces } = target
  const label = labelOf(program.name, target.cgroup, attachType)
  const place: NotedPlace = { kind: 'cgroup', path: pathOfCgroup(context, target.cgroup), attachType }
  const directory = openCgroup(context, target.cgroup, label)
  const targetFd = directory.fd
  const progFd = program.fd as Fd
  const { flags: placeFlags, ...neighbour } = anchorOf(target.place)
  const flags = placeFlags | (target.preorder ? AttachFlag.Preorder : 0)
  const relative = { ...neighbour, ...(expectedRevision === undefined ? {} : { expectedRevision }) }
  const ways = [
    {
      interface: 'bpf link',
      unable: linksUnable(target),
      attach: () => kernelLink(sys, linkCreate(sys, { progFd, targetFd, attachType, flags }, { kind: 'cgroup', ...relative }), label),
    },
    {
      interface: 'prog_attach',
      unable: nextTo(target.place, 'link') ? 'only links go next to links' : undefined,
      attach: () => {
        const hold = openTarget(sys, targetFd)
        return progAttachLink(context, label, program, {
          target: { targetFd: hold.fd },
          attachType,
          flags: flags | modeFlags[mode],
          relative,
          replace: mode === 'multi' ? 'flag' : 'over',
          place,
          hold,
        })
      },
    },
  ] as const
  try {
    clearPlace(context, place)
    return attachFirst(label, ways, { interfaces, explain: error => explain(context, error, attachType) })
  } finally {
    directory.close()
  }
}

/** What is attached to a cgroup, by anyone; with `effective`, also what it inherits. @throws AttachError, SyscallError */
export function queryCgroup(
  context: AttachContext,
  cgroup: string | Fd,
  attachType: number,
  { effective = false }: { readonly effective?: boolean } = {},
): HookState {
  using directory = openCgroup(context, cgroup, labelOf('', cgroup, attachType))
  return queryHook(context.sys, {
    targetFd: directory.fd,
    attachType,
    flags: effective ? QueryFlag.Effective : 0,
    programFlags: !effective,
  })
}

function linksUnable({ mode = 'multi', place }: CgroupTarget): string | undefined {
  if (mode !== 'multi') return `links are always multi, never ${mode}`
  return nextTo(place, 'program') ? 'links go next to links only' : undefined
}

function labelOf(program: string, cgroup: string | Fd, attachType: number): LinkLabel {
  const place = typeof cgroup === 'string' ? cgroup : `descriptor ${cgroup}`
  return { kind: 'cgroup', program, target: `${snakeName(AttachType, attachType)} of cgroup ${place}` }
}

function explain({ kernel }: AttachContext, { errno }: SyscallError, attachType: number): Explanation | undefined {
  const type = snakeName(AttachType, attachType)
  const known: Readonly<Record<number, Explanation>> = {
    [Errno.EPERM]: {
      hint: 'a program attached here or further up without "multi" (or "override") may forbid others; bpf cgroup show lists them',
    },
    [Errno.EBADF]: {
      problem: 'it is no directory of a cgroup2 file system',
      hint: cgroupRoot(kernel) === undefined ? 'cgroup2 is not mounted' : `cgroup2 is mounted at ${cgroupRoot(kernel)}`,
    },
    [Errno.EEXIST]: { problem: 'the program is attached there already' },
    [Errno.ESTALE]: { problem: 'the hook changed since its revision was read' },
    [Errno.ENOENT]: { problem: 'the program or link to be placed next to is not attached there' },
    [Errno.EINVAL]: { hint: `this kernel may not know ${type}, or the program was loaded for another attach type` },
  }
  return known[errno]
}
