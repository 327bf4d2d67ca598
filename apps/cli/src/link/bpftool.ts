import { bpftoolCompany } from '../objects/company'
import { plainNumbers } from '../objects/plain-numbers'
import type { LinkFacts } from './facts'

type Fields = Readonly<Record<string, unknown>>

/** BPF_F_KPROBE_MULTI_RETURN, and that of uprobes. */
const returns = ({ flags }: LinkFacts) => (Number(flags) & 1) !== 0

/** A name only where the interface is in this network namespace, which `XDP of eth0` tells. */
const onInterface = ({ ifindex, where }: LinkFacts): Fields => ({
  devname: / of (\S+)$/.exec(where)?.[1] ?? (ifindex === 0 ? '(detached)' : '(unknown)'),
  ifindex,
})

const mapIterators: readonly unknown[] = ['bpf_map_elem', 'bpf_sk_storage_map']
const cgroupOrders = ['order_unspec', 'self_only', 'descendants_pre', 'descendants_post', 'ancestors_up', 'children']

/** What `bpftool -j link show` says of a link of each type, beside who has it, in its order. Older ones leave some out. */
const fieldsOf: Readonly<Record<string, (link: LinkFacts) => Fields>> = {
  raw_tracepoint: ({ name, cookie }) => ({ tp_name: name, cookie }),
  tracing: ({ attachType, targetObjId, targetBtfId, cookie }) => ({
    prog_type: tracingType(attachType),
    attach_type: attachType,
    target_obj_id: targetObjId,
    target_btf_id: targetBtfId,
    cookie,
  }),
  cgroup: ({ cgroupId, attachType }) => ({ cgroup_id: cgroupId, attach_type: attachType }),
  iter: iterFields,
  netns: ({ netnsIno, attachType }) => ({ netns_ino: netnsIno, attach_type: attachType }),
  netfilter: ({ pf, hook, priority, flags }) => ({ pf, hook, prio: priority, flags }),
  xdp: onInterface,
  tcx: link => ({ ...onInterface(link), attach_type: link['attachType'] }),
  netkit: link => ({ ...onInterface(link), attach_type: link['attachType'] }),
  sockmap: ({ mapId, attachType }) => ({ map_id: mapId, attach_type: attachType }),
  struct_ops: ({ mapId }) => ({ map_id: mapId }),
  kprobe_multi: link => ({
    retprobe: returns(link),
    func_cnt: link['count'],
    missed: link['missed'],
    funcs: rows({ addr: link['addresses'], cookie: link['cookies'] }),
  }),
  uprobe_multi: link => ({
    retprobe: returns(link),
    path: link['path'],
    func_cnt: link['count'],
    pid: link['pid'],
    funcs: rows({ offset: link['offsets'], ref_ctr_offset: link['refCtrOffsets'], cookie: link['cookies'] }),
  }),
  perf_event: perfFields,
}

/** The type of a tracing link's program follows from how it is attached; extensions have none of their own. */
function tracingType(attachType: unknown): string {
  if (attachType === 'lsm_mac') return 'lsm'
  return attachType === 'cgroup_inet_ingress' ? 'ext' : 'tracing'
}

function iterFields({ target, mapId, cgroupOrTask, order }: LinkFacts): Fields {
  if (mapIterators.includes(target)) return { target_name: target, map_id: mapId }
  if (target === 'cgroup') return { target_name: target, cgroup_id: cgroupOrTask, order: cgroupOrders[Number(order)] ?? 'unknown' }
  return { target_name: target }
}

function perfFields({ event, cookie, ...link }: LinkFacts): Fields {
  switch (event) {
    case 'kprobe':
    case 'kretprobe': {
      const { address, function: func, offset, missed } = link
      return { retprobe: event === 'kretprobe', addr: address, func, offset, missed, cookie }
    }
    case 'uprobe':
    case 'uretprobe':
      return { retprobe: event === 'uretprobe', file: link['path'], offset: link['offset'], cookie }
    case 'tracepoint':
      return { tracepoint: link['name'], cookie }
    case 'event':
      return { event_type: link['eventType'], event_config: link['config'], cookie }
    default:
      return {}
  }
}

/** An object a probe, of lists of what each has. */
function rows(columns: Readonly<Record<string, unknown>>): readonly Fields[] {
  const lists = Object.entries(columns).flatMap(([name, list]) => (Array.isArray(list) ? [[name, list] as const] : []))
  return (lists[0]?.[1] ?? []).map((_, at) => Object.fromEntries(lists.map(([name, list]) => [name, list[at]])))
}

export function bpftoolLink(link: LinkFacts): unknown {
  const { id, type, progId } = link
  return plainNumbers({ id, type, prog_id: progId, ...fieldsOf[type]?.(link), ...bpftoolCompany(link) })
}
