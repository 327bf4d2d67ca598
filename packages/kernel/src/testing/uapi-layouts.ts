import type { Btf, BtfType } from '@bpf/btf'
import { attrLayouts, infoLayouts, type Layout, perfEventAttr, snakeCase } from '@bpf/sys'

type Place = { readonly offset: number; readonly size: number }

/** A table of ours beside the kernel's structure. */
export interface LayoutComparison {
  readonly table: string
  /** How many fields the kernel has at the very place. */
  readonly found: number
  /** Those that it has elsewhere, in words. */
  readonly wrong: readonly string[]
}

/** Every table of `@bpf/sys` beside the structure that a kernel has. Fields that it does not know yet are passed over. */
export function compareLayouts(btf: Btf): readonly LayoutComparison[] {
  const members = (name: string, kind: 'struct' | 'union') => {
    const type = btf.find(name, kind)
    return type ? membersOf(btf, type) : new Map<string, Place>()
  }
  const attr = members('bpf_attr', 'union')
  const link = members('bpf_link_info', 'struct')
  const { linkCreate, attrMemory, commonAttr, ...flat } = attrLayouts
  const { linkInfo, ...infos } = infoLayouts
  return [
    ...Object.entries(flat).map(([name, table]) => compare(name, attr, table, attrPrefixes[name] ?? '', name)),
    ...Object.entries(linkCreate).map(([name, table]) => {
      const part = ['plain', 'targetBtfId', 'iter'].includes(name) ? '' : `${snakeCase(name)}.`
      return compare(`linkCreate.${name}`, attr, table, `link_create.${part}`, 'linkCreate', linkHead)
    }),
    ...Object.entries(infos).map(([name, table]) => compare(name, members(`bpf_${snakeCase(name)}`, 'struct'), table, '', name)),
    ...Object.entries(linkInfo).map(([name, table]) =>
      compare(`linkInfo.${name}`, link, table, linkInfoPrefix(name), 'linkInfo', infoHead),
    ),
    compare('commonAttr', members('bpf_common_attr', 'struct'), commonAttr, '', 'commonAttr'),
    compare('perfEventAttr', members('perf_event_attr', 'struct'), perfEventAttr, '', 'perfEventAttr'),
  ]
}

/** Where in `union bpf_attr` the fields of a table are, unless at its top. */
const attrPrefixes: Readonly<Record<string, string>> = {
  mapBatch: 'batch.',
  testRun: 'test.',
  objInfo: 'info.',
  progQuery: 'query.',
  rawTracepointOpen: 'raw_tracepoint.',
  taskFdQuery: 'task_fd_query.',
  linkUpdate: 'link_update.',
  linkDetach: 'link_detach.',
  enableStats: 'enable_stats.',
  iterCreate: 'iter_create.',
  progBindMap: 'prog_bind_map.',
  tokenCreate: 'token_create.',
  progStreamRead: 'prog_stream_read.',
  progAssocStructOps: 'prog_assoc_struct_ops.',
}

function linkInfoPrefix(name: string): string {
  if (name === 'head') return ''
  if (!name.startsWith('perf') || name === 'perfEvent') return `${snakeCase(name)}.`
  return `perf_event.${name === 'perfRaw' ? 'event' : snakeCase(name.slice(4))}.`
}

/** Our name → the header's, where it is not just the other spelling; after a slash, from the top. */
const renamed: Readonly<Record<string, string>> = {
  'getId.id': 'start_id',
  'linkCreate.multiFlags': 'flags',
  'linkCreate.netfilterFlags': 'flags',
  'linkInfo.perfType': '/perf_event.type',
  'linkInfo.eventType': 'type',
}

/** The fields that come before the part a prefix is for. */
interface Head {
  readonly names: ReadonlySet<string>
  readonly prefix: string
}
const noHead: Head = { names: new Set(), prefix: '' }
const linkHead: Head = { names: new Set(['progFd', 'targetFd', 'attachType', 'flags']), prefix: 'link_create.' }
const infoHead: Head = { names: new Set(['type', 'id', 'progId']), prefix: '' }

function compare(name: string, members: ReadonlyMap<string, Place>, table: Layout, prefix: string, group: string, head = noHead) {
  let found = 0
  const wrong: string[] = []
  for (const { name: ours, offset, size } of table.fields) {
    if (ours.startsWith('_')) continue
    const theirs = renamed[`${group}.${ours}`] ?? snakeCase(ours).replace(/_(\d)$/, '$1')
    const path = theirs.startsWith('/') ? theirs.slice(1) : (head.names.has(ours) ? head.prefix : prefix) + theirs
    const place = members.get(path)
    if (place === undefined) continue
    if (place.offset === offset && place.size === size) found++
    else wrong.push(`${path}: ${offset}+${size}, the kernel has ${place.offset}+${place.size}`)
  }
  return { table: name, found, wrong }
}

/** Every member of a type by name, those of anonymous and named parts as well (`batch.count`). Bytes. */
function membersOf(from: Btf, type: BtfType, prefix = '', start = 0, into = new Map<string, Place>()): Map<string, Place> {
  if (type.kind !== 'struct' && type.kind !== 'union') return into
  for (const { name, type: typeId, bitOffset, bitSize } of type.members) {
    const member = resolve(from, typeId)
    const offset = start + bitOffset / 8
    const path = name === '' ? prefix : `${prefix}${name}.`
    if (member.kind === 'struct' || member.kind === 'union') membersOf(from, member, path, offset, into)
    else if (name !== '' && bitSize === 0) into.set(`${prefix}${name}`, { offset, size: sizeOf(from, member) })
  }
  return into
}

function resolve(from: Btf, id: number): BtfType {
  const type = from.type(id)
  return type.kind === 'typedef' || type.kind === 'const' || type.kind === 'volatile' || type.kind === 'typeTag'
    ? resolve(from, type.type)
    : type
}

function sizeOf(from: Btf, type: BtfType): number {
  if (type.kind === 'array') return type.length * sizeOf(from, resolve(from, type.type))
  return 'size' in type ? type.size : 8
}
