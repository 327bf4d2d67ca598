import { type Btf, BtfKind } from '@bpf/btf'
import { AttachType, BpfCommand, ElemFlag, FdType, LinkType, MapFlag, MapType, PerfLinkType, ProgType, snakeCase } from '@bpf/sys'

/** A table of ours beside the kernel's enumeration. */
export interface ConstantComparison {
  readonly table: string
  /** How many constants the kernel has with the same value. */
  readonly found: number
  /** Those that it has with another value, in words. */
  readonly wrong: readonly string[]
  /** The kernel's that we do not have, `BPF_MAP_TYPE_NEW=36`. */
  readonly unknown: readonly string[]
}

interface Enumeration {
  readonly table: Readonly<Record<string, number>>
  readonly prefix: string
  /** Its name, or an enumerator of it if it has none. */
  readonly of: string
}

const enumerations: Readonly<Record<string, Enumeration>> = {
  BpfCommand: { table: BpfCommand, prefix: 'BPF_', of: 'bpf_cmd' },
  MapType: { table: MapType, prefix: 'BPF_MAP_TYPE_', of: 'bpf_map_type' },
  ProgType: { table: ProgType, prefix: 'BPF_PROG_TYPE_', of: 'bpf_prog_type' },
  AttachType: { table: AttachType, prefix: 'BPF_', of: 'bpf_attach_type' },
  LinkType: { table: LinkType, prefix: 'BPF_LINK_TYPE_', of: 'bpf_link_type' },
  PerfLinkType: { table: PerfLinkType, prefix: 'BPF_PERF_EVENT_', of: 'bpf_perf_event_type' },
  FdType: { table: FdType, prefix: 'BPF_FD_TYPE_', of: 'bpf_task_fd_type' },
  MapFlag: { table: MapFlag, prefix: 'BPF_F_', of: 'BPF_F_NO_PREALLOC' },
  ElemFlag: { table: ElemFlag, prefix: 'BPF_', of: 'BPF_NOEXIST' },
}

/** Limits, flags for any command, and second names of what we have under the first. */
const passedOver = /^__MAX_|^MAX_|^BPF_COMMON_ATTRS$|_DEPRECATED$|^BPF_PROG_RUN$/

/** Every enumeration of bpf.h that `@bpf/sys` has, beside the one that a kernel has. */
export function compareConstants(btf: Btf): readonly ConstantComparison[] {
  const anonymous = anonymousEnums(btf)
  return Object.entries(enumerations).map(([table, { table: ours, prefix, of }]) => {
    const values = btf.find(of, 'enum')?.values ?? anonymous.find(each => each.some(({ name }) => name === of)) ?? []
    const theirs = new Map(values.map(({ name, value }) => [name, Number(value)]))
    const named = Object.entries(ours).map(([name, value]) => ({ name: headerName(prefix, name), value }))
    const shared = named.filter(({ name }) => theirs.has(name))
    const known = new Set(named.map(({ name }) => name))
    return {
      table,
      found: shared.filter(({ name, value }) => theirs.get(name) === value).length,
      wrong: shared
        .filter(({ name, value }) => theirs.get(name) !== value)
        .map(({ name, value }) => `${name}: ${value}, the kernel has ${theirs.get(name)}`),
      unknown: [...theirs].filter(([name]) => !known.has(name) && !passedOver.test(name)).map(([name, value]) => `${name}=${value}`),
    }
  })
}

/** `BPF_F_LOCK` stands among constants that have no `F_`. */
function headerName(prefix: string, name: string): string {
  const isElemFlag = prefix === 'BPF_' && ['Lock', 'Cpu', 'AllCpus'].includes(name)
  return `${isElemFlag ? 'BPF_F_' : prefix}${snakeCase(name).toUpperCase()}`
}

function anonymousEnums(btf: Btf) {
  const found: (readonly { readonly name: string; readonly value: number | bigint }[])[] = []
  for (let id = btf.startId; id < btf.endId; id++) {
    if (btf.kindOf(id) !== BtfKind.Enum || btf.nameOf(id) !== '') continue
    const type = btf.type(id)
    if (type.kind === 'enum') found.push(type.values)
  }
  return found
}
