import { labelOfLink } from '@bpf/attach'
import { AttachType, type Fd, getLinkInfo, LinkType, snakeName } from '@bpf/sys'
import type { KernelContext } from '../context'
import type { Company } from '../objects/company'

/** What the kernel says of a link, with types by name, and who holds it. What else there is depends on its type. */
export interface LinkFacts extends Company {
  readonly id: number
  readonly type: string
  readonly progId: number
  /** Of struct_ops, the map. */
  readonly programName: string
  /** In words: `sched_process_exec`, `XDP of eth0`. */
  readonly where: string
  readonly [detail: string]: unknown
}

export function readLinkFacts(context: KernelContext, fd: Fd, companyOf: (id: number) => Company): LinkFacts {
  const info = getLinkInfo(context.sys, fd)
  const { id, type, progId, kind: _, ...details } = info
  const { program, target } = labelOfLink(context, info)
  const attachType = 'attachType' in info ? { attachType: snakeName(AttachType, info.attachType) } : {}
  return {
    id,
    type: snakeName(LinkType, type),
    progId,
    programName: program,
    where: target,
    ...Object.fromEntries(Object.entries(details).map(([name, value]) => [name, ArrayBuffer.isView(value) ? listOf(value) : value])),
    ...attachType,
    ...companyOf(id),
  }
}

/** Addresses, offsets and cookies of a link with many probes. */
function listOf(values: ArrayBufferView): readonly (number | bigint)[] {
  return Array.from(values as unknown as ArrayLike<number | bigint>)
}
