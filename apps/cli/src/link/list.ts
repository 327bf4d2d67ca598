import { openLink } from '@bpf/attach'
import { AttachType, getLinkInfo, type LinkInfo, LinkType, snakeName } from '@bpf/sys'
import { ExitCode, type Io, UsageError } from '@bpf/terminal'
import { withKernel } from '../context'
import { type Company, formatCompany, readCompany } from '../objects/company'
import { printDetails, printTable } from '../objects/print'
import { type ListOptions, printListing } from '../objects/print-all'
import { readObjects } from '../objects/read'
import { noMore, onlySelector, takeSelector } from '../selector'

interface Invocation {
  readonly positionals: readonly string[]
  readonly io: Io
}

/** What the kernel says of a link, with types by name, and who holds it. */
type LinkFacts = Readonly<Record<string, unknown>> & Company & { readonly id: number; readonly type: string; readonly progId: number }

/** `bpf link list [SELECTOR]` */
export function runLinkList({ positionals, options, io }: Invocation & { readonly options: ListOptions }): Promise<number> {
  const selector = onlySelector(positionals, 'link', io)
  return withKernel(context => {
    const companyOf = readCompany(context, 'link')
    const found = readObjects(context, 'link', selector, fd => factsOf(getLinkInfo(context.sys, fd), companyOf))
    return printListing(
      {
        found,
        selected: selector !== undefined,
        bpftool: bpftoolLink,
        table: links => printTable(['ID', 'TYPE', 'PROGRAM', 'WHERE', 'HELD BY'], links.map(rowOf), io),
        details: ({ id, pids, ...facts }) => printDetails(`link ${id}`, { ...facts, pids: pids.map(heldBy) }, io),
        noun: 'links',
      },
      options,
      io,
    )
  })
}

const heldBy = ({ pid, command }: Company['pids'][number]) => `${command} ${pid}`

function factsOf(info: LinkInfo, companyOf: (id: number) => Company): LinkFacts {
  const { kind, type, ...rest } = info
  const attachType = 'attachType' in info ? { attachType: snakeName(AttachType, info.attachType) } : {}
  return { ...rest, ...attachType, type: snakeName(LinkType, type), ...companyOf(info.id) }
}

const ownColumns: ReadonlySet<string> = new Set(['id', 'type', 'progId', 'pinned', 'pids', 'cookie'])

function rowOf(link: LinkFacts): string[] {
  const where = Object.entries(link).filter(([name, value]) => !ownColumns.has(name) && (typeof value !== 'object' || value === null))
  return [
    String(link.id),
    link.type,
    String(link.progId),
    where.map(([name, value]) => `${name} ${value}`).join(' '),
    formatCompany(link) || '-',
  ]
}

/** The fields that bpftool has names for, as `bpftool -j -f link show` prints them. */
const bpftoolNames: Readonly<Record<string, string>> = {
  name: 'tp_name',
  attachType: 'attach_type',
  targetObjId: 'target_obj_id',
  targetBtfId: 'target_btf_id',
  cgroupId: 'cgroup_id',
  target: 'target_name',
  netnsIno: 'netns_ino',
}

function bpftoolLink({ id, type, progId, pinned, ...facts }: LinkFacts): unknown {
  const shown = type === 'perf_event' ? [] : Object.entries(facts)
  const named = shown.flatMap(([name, value]) => {
    const theirs = bpftoolNames[name]
    return theirs === undefined ? [] : [[theirs, typeof value === 'bigint' ? Number(value) : value]]
  })
  return { id, type, prog_id: progId, ...Object.fromEntries(named), ...(pinned.length > 0 && { pinned }) }
}

/** `bpf link detach SELECTOR` */
export function runLinkDetach({ positionals, io }: Invocation): Promise<number> {
  const { selector, rest } = takeSelector(positionals, 'link', io)
  noMore(rest)
  return withKernel(context => {
    if ('id' in selector) openLink(context, selector).detach()
    else if ('pinned' in selector) openLink(context, { path: selector.pinned }).detach()
    else throw new UsageError('say id N, or pinned PATH')
    return ExitCode.Ok
  })
}
