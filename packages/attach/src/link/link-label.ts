import { BpfError } from '@bpf/bytes'
import { fullProgramName, readLoadedBtf } from '@bpf/kernel'
import {
  AttachType,
  getBtfInfo,
  getMapInfo,
  getProgInfo,
  interfaceName,
  isSyscallError,
  type LinkInfo,
  NetlinkProtocol,
  NetlinkSocket,
  openById,
  progQuery,
  snakeName,
} from '@bpf/sys'
import type { AttachContext } from '../context'
import { netfilterFamilies, netfilterHooks } from '../netfilter'
import { nameInterface } from '../network'
import { tracingKinds } from '../tracing/tracing'
import { getXdp } from '../xdp/xdp-netlink'
import type { LinkLabel } from './link'

/** What a link that somebody made is called, by what the kernel says about it. @throws SyscallError */
export function labelOfLink(context: AttachContext, info: LinkInfo): LinkLabel {
  const [kind, target] = describe(context, info)
  return { kind, target, program: programOf(context, info) }
}

/** Of struct_ops: the map. */
function programOf({ sys }: AttachContext, info: LinkInfo): string {
  if (info.kind === 'structOps') return mapName({ sys }, info.mapId)
  return (
    attempt(() => {
      using program = openById(sys, 'prog', info.progId)
      return fullProgramName(sys, program.fd)
    }) ?? `program ${info.progId}`
  )
}

/** Kind and target, in the words of the functions that attach. */
function describe(context: AttachContext, info: LinkInfo): readonly [kind: string, target: string] {
  switch (info.kind) {
    case 'rawTracepoint':
      return ['raw_tracepoint', info.name]
    case 'tracing':
      return describeTracing(context, info)
    case 'cgroup':
      return ['cgroup', `${attachTypeName(info.attachType)} of cgroup ${info.cgroupId}`]
    case 'iter':
      return ['iter', `iterator ${info.target}${info.mapId === 0 ? '' : ` of map "${mapName(context, info.mapId)}"`}`]
    case 'netns':
      return ['netns', `${attachTypeName(info.attachType)} of network namespace ${info.netnsIno}`]
    case 'xdp':
      return ['xdp', `XDP of ${interfaceOf(context, info.ifindex, () => isXdpOf(context, info))}`]
    case 'structOps':
      return ['struct_ops', `struct_ops of map "${mapName(context, info.mapId)}"`]
    case 'netfilter': {
      const [family, hook] = [keyOf(netfilterFamilies, info.pf), keyOf(netfilterHooks, info.hook)]
      return ['netfilter', `netfilter ${family} ${hook} priority ${info.priority}`]
    }
    case 'kprobeMulti':
      return ['kprobe', `kprobe ${someOf([...info.addresses].filter(address => address !== 0n).map(hex), info.count)}`]
    case 'uprobeMulti':
      return ['uprobe', `uprobe ${info.path}:${someOf([...info.offsets].map(hex), info.count)}`]
    case 'tracingMulti':
      return [
        'tracing',
        `${attachTypeName(info.attachType)} ${someOf([...info.addresses].filter(address => address !== 0n).map(hex), info.count)}`,
      ]
    case 'tcx': {
      const direction = info.attachType === AttachType.TcxIngress ? 'ingress' : 'egress'
      return ['tc', `tc ${direction} of ${interfaceOf(context, info.ifindex, () => isTcxOf(context, info))}`]
    }
    case 'netkit': {
      const side = info.attachType === AttachType.NetkitPeer ? 'peer' : 'primary'
      return ['netkit', `netkit ${side} of ${interfaceOf(context, info.ifindex, () => isTcxOf(context, info))}`]
    }
    case 'sockmap':
      return ['sockmap', `${attachTypeName(info.attachType)} of map "${mapName(context, info.mapId)}"`]
    case 'perfEvent':
      return describePerfEvent(info)
    default:
      return ['unknown', `link of type ${info.type}`]
  }
}

function describePerfEvent(info: Extract<LinkInfo, { readonly kind: 'perfEvent' }>): readonly [kind: string, target: string] {
  switch (info.event) {
    case 'kprobe':
    case 'kretprobe': {
      const place = info.function === '' ? hex(info.address) : `${info.function}${info.offset === 0 ? '' : `+${hex(info.offset)}`}`
      return [info.event, `${info.event} ${place}`]
    }
    case 'uprobe':
    case 'uretprobe':
      return [info.event, `${info.event} ${info.path}:${hex(info.offset)}`]
    case 'tracepoint':
      return ['tracepoint', info.name]
    default:
      return ['perf_event', `perf event of type ${info.eventType}, config ${hex(info.config)}`]
  }
}

/** The function that a tracing or freplace program was loaded for, where its name can be found out. */
function describeTracing(context: AttachContext, info: Extract<LinkInfo, { readonly kind: 'tracing' }>): readonly [string, string] {
  const { attachType, targetObjId, targetBtfId } = info
  const kind = tracingKinds[attachType] ?? (attachType === 0 ? 'freplace' : 'tracing')
  if (kind === 'freplace') {
    const name = attempt(() => functionOfProgram(context, targetObjId, targetBtfId))
    return [kind, `function ${name ?? targetBtfId} of program ${targetObjId}`]
  }
  const name = attempt(() => functionOfKernel(context, targetObjId, targetBtfId)) ?? `function ${targetBtfId} of BTF ${targetObjId}`
  return [kind, kind === 'tp_btf' ? name.replace(/^btf_trace_/, '') : name]
}

function functionOfProgram({ sys }: AttachContext, program: number, typeId: number): string {
  using opened = openById(sys, 'prog', program)
  return readLoadedBtf(sys, getProgInfo(sys, opened.fd).btfId).nameOf(typeId)
}

function functionOfKernel({ sys, kernel }: AttachContext, btfId: number, typeId: number): string | undefined {
  using opened = openById(sys, 'btf', btfId)
  const { name } = getBtfInfo(sys, opened.fd)
  return (name === 'vmlinux' ? kernel.vmlinuxBtf() : kernel.moduleBtf(name))?.nameOf(typeId)
}

const shown = 3

/** `first, second and 5 more`. */
function someOf(names: readonly string[], count: number): string {
  const first = names.slice(0, shown)
  if (first.length === 0) return `${count} functions`
  return count > first.length ? `${first.join(', ')} and ${count - first.length} more` : first.join(', ')
}

/** Links tell an index, and not of which network namespace: there another interface may have it, or none. */
function interfaceOf({ sys }: AttachContext, ifindex: number, isHere: () => boolean): string {
  if (ifindex === 0) return 'an interface that is gone'
  const name = attempt(() => (isHere() ? interfaceName(sys, ifindex) : undefined))
  return name ?? `${nameInterface({ interface: ifindex })} of another network namespace`
}

function isXdpOf({ sys }: AttachContext, { ifindex, progId }: Extract<LinkInfo, { readonly kind: 'xdp' }>): boolean {
  using route = new NetlinkSocket(sys, NetlinkProtocol.Route)
  return [...getXdp(route, ifindex).values()].includes(progId)
}

function isTcxOf({ sys }: AttachContext, { id, ifindex, attachType }: Extract<LinkInfo, { readonly kind: 'tcx' | 'netkit' }>): boolean {
  return progQuery(sys, { targetIfindex: ifindex, attachType, links: true }).programs.some(({ linkId }) => linkId === id)
}

function mapName({ sys }: Pick<AttachContext, 'sys'>, id: number): string {
  return (
    attempt(() => {
      using map = openById(sys, 'map', id)
      return getMapInfo(sys, map.fd).name
    }) ?? `map ${id}`
  )
}

/** Names are a courtesy: what they are of may be gone, or not for us to see. */
function attempt<T>(find: () => T): T | undefined {
  try {
    return find()
  } catch (error) {
    if (isSyscallError(error) || error instanceof BpfError) return undefined
    throw error
  }
}

const attachTypeName = (type: number) => snakeName(AttachType, type)
const hex = (value: number | bigint) => `0x${value.toString(16)}`

function keyOf(table: Readonly<Record<string, number>>, value: number): string | number {
  return Object.keys(table).find(key => table[key] === value) ?? value
}
