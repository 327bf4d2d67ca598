import { queryNet } from '@bpf/attach'
import { BpfError, nearNames } from '@bpf/bytes'
import { UsageError } from '@bpf/terminal'
import { withKernel } from '../context'
import { type ListInvocation, type Listing, type ListOptions, printListing } from '../objects/list'
import { nothing } from '../objects/print'
import { bpftoolNet } from './bpftool'
import { type NetHook, netHooks } from './hooks'

export interface NetListInvocation extends ListInvocation {
  readonly options: ListOptions & { readonly netns: string | undefined }
}

export async function runNetList({ positionals, options, io }: NetListInvocation): Promise<number> {
  const device = parseDevice(positionals)
  const netns = options.netns === undefined ? {} : { netns: io.resolvePath(options.netns) }
  const state = await withKernel(context => queryNet(context, netns))
  const names = state.interfaces.map(({ name }) => name)
  if (device !== undefined && !names.includes(device)) throw noSuchDevice(device, names)
  const none = device === undefined ? netListing.none : `no program on ${device}`
  return printListing({ ...netListing, none }, netHooks(state, device), options, io)
}

export const netListing: Listing<NetHook> = {
  none: 'no program on the network',
  columns: [
    { title: 'DEVICE', cell: hook => hook.interface ?? nothing },
    { title: 'HOOK', cell: ({ hook }) => hook },
    { title: 'ID', cell: ({ programId }) => formatNumber(programId) },
    { title: 'NAME', cell: ({ programName }) => programName ?? nothing },
    { title: 'LINK', optional: true, cell: ({ linkId }) => formatNumber(linkId) },
    { title: 'PRIORITY', cell: ({ priority }) => formatNumber(priority) },
    { title: 'DETAIL', cell: ({ mode, route, filter }) => mode ?? (route ? `${route} ${filter ?? ''}`.trim() : filter) ?? nothing },
  ],
  bpftool: bpftoolNet,
}

function formatNumber(value: number | null): string {
  return value === null ? nothing : String(value)
}

/** `dev eth0`, or just `eth0`. */
function parseDevice([first, second]: readonly string[]): string | undefined {
  if (first === 'dev' && second === undefined) throw new UsageError('dev: the name of the interface is missing')
  if (first !== 'dev' && second !== undefined) throw new UsageError(`${first}: not understood`, 'write: bpf net list dev NAME')
  return second ?? first
}

function noSuchDevice(name: string, known: readonly string[]): BpfError {
  const near = nearNames(name, known)
  return new BpfError('ERR_BPF_NOT_FOUND', `there is no network interface ${name}`, {
    hint: near.length > 0 ? `did you mean ${near.join(' or ')}?` : `there are ${known.join(', ')}`,
  })
}
