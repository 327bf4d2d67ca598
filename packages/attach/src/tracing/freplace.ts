import { type Btf, parseBtf } from '@bpf/btf'
import { nearNames } from '@bpf/bytes'
import {
  Errno,
  type Fd,
  getBtfBytes,
  infoLayouts,
  linkCreate,
  objGetInfo,
  openById,
  rawTracepointOpen,
  type Sys,
  type SyscallError,
} from '@bpf/sys'
import type { AttachContext } from '../context'
import { AttachError } from '../errors'
import { kernelLink } from '../link/kernel-link'
import type { AttachableProgram, Link, LinkInterface, LinkLabel } from '../link/link'
import { attachFirst, type Explanation } from '../ways'

export interface FreplaceTarget {
  /** A program with a global function to replace, other than the one that the replacement was loaded for (5.10). */
  readonly program?: Pick<AttachableProgram, 'fd' | 'name'>
  /** The function's name; what the section says unless given. */
  readonly function?: string
  /** Told by the link alone (5.19; `info()` shows it since 6.17): to the program, it is the target that is attached. */
  readonly cookie?: bigint
  readonly interfaces?: readonly LinkInterface[]
}

/** Puts a program in the place of a function of another program (5.6). @throws AttachError with near names */
export function attachFreplace({ sys }: AttachContext, program: AttachableProgram, target: FreplaceTarget = {}): Link {
  const { program: other, cookie, interfaces } = target
  const wanted = target.function ?? program.attachTarget
  const where = other === undefined ? 'the program that it was loaded for' : `program "${other.name}"`
  const label: LinkLabel = { kind: 'freplace', program: program.name, target: `function ${wanted ?? '?'} of ${where}` }
  const progFd = program.fd as Fd
  const place = other === undefined ? {} : { targetFd: other.fd as Fd }
  const ways = [
    {
      interface: 'bpf link',
      attach: () => {
        const targetBtfId = other === undefined ? 0 : functionId(sys, label, other.fd, wanted)
        const tail = { kind: 'tracing', targetBtfId, ...(cookie === undefined ? {} : { cookie }) } as const
        return kernelLink(sys, linkCreate(sys, { progFd, attachType: program.expectedAttachType, ...place }, tail), label)
      },
    },
    {
      interface: 'raw_tracepoint_open',
      unable: other === undefined && cookie === undefined ? undefined : 'it replaces what the program was loaded for, and nothing else',
      attach: () => kernelLink(sys, rawTracepointOpen(sys, { progFd }), label, 'raw_tracepoint_open'),
    },
  ] as const
  return attachFirst(label, ways, { interfaces, explain })
}

/** Id of a function's type in the BTF that a program was loaded with. @throws AttachError */
function functionId(sys: Sys, { program, target }: LinkLabel, fd: number, name: string | undefined): number {
  const refuse = (problem: string, hint?: string) => new AttachError({ program, target, problem, hint })
  if (name === undefined) throw refuse('neither the target nor the section names a function')
  const { btfId } = objGetInfo(sys, fd as Fd, infoLayouts.progInfo, {})
  if (btfId === 0) throw refuse('the program was loaded without BTF, so its functions have no names')
  const btf = btfById(sys, btfId)
  const [id] = btf.idsByName(name, 'func')
  if (id !== undefined) return id
  const near = nearNames(name, functionNames(btf))
  throw refuse('it has no such function', near.length > 0 ? `did you mean ${near.join(' or ')}?` : undefined)
}

function btfById(sys: Sys, id: number): Btf {
  using fd = openById(sys, 'btf', id)
  return parseBtf(getBtfBytes(sys, fd.fd))
}

function functionNames(btf: Btf): readonly string[] {
  const names: string[] = []
  for (let id = btf.startId; id < btf.endId; id++) {
    const type = btf.type(id)
    if (type.kind === 'func') names.push(type.name)
  }
  return names
}

function explain({ errno }: SyscallError): Explanation | undefined {
  const known: Readonly<Record<number, Explanation>> = {
    [Errno.EBUSY]: { problem: 'another program has replaced it already' },
    [Errno.ENOENT]: { problem: 'the program that it was loaded for is gone, or has it already in that place' },
    [Errno.EINVAL]: { hint: 'signatures must be equal, and the function global; replacements cannot be replaced themselves' },
  }
  return known[errno]
}
