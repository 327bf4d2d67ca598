import type { Btf, BtfType } from '@bpf/btf'
import { attrLayouts, createSys, infoLayouts, type Layout, perfEventAttr, snakeCase } from '@bpf/sys'
import { describe, expect, it } from 'vitest'
import { openKernel } from './kernel'

const btf = openKernel(createSys()).vmlinuxBtf()

type Place = { readonly offset: number; readonly size: number }

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

/** Our name → the header's, where it is not just the other spelling; after a slash, from the top. */
const renamed: Readonly<Record<string, string>> = {
  'getId.id': 'start_id',
  'linkCreate.multiFlags': 'flags',
  'linkCreate.netfilterFlags': 'flags',
  'linkInfo.perfType': '/perf_event.type',
  'linkInfo.eventType': 'type',
}

/** The fields that come before the part a prefix is for. */
const noHead = { names: new Set<string>(), prefix: '' }

/** How many fields of a table the kernel has at the very place; `wrong` lists those that it has elsewhere. */
function compare(members: Map<string, Place>, table: Layout, prefix: string, group: string, head = noHead) {
  let found = 0
  const wrong: string[] = []
  for (const { name, offset, size } of table.fields) {
    if (name.startsWith('_')) continue
    const theirs = renamed[`${group}.${name}`] ?? snakeCase(name).replace(/_(\d)$/, '$1')
    const path = theirs.startsWith('/') ? theirs.slice(1) : (head.names.has(name) ? head.prefix : prefix) + theirs
    const place = members.get(path)
    if (place === undefined) continue
    if (place.offset === offset && place.size === size) found++
    else wrong.push(`${path}: ${offset}+${size}, the kernel has ${place.offset}+${place.size}`)
  }
  return { found, wrong }
}

describe.skipIf(btf === undefined)('layouts against the BTF of the kernel', () => {
  const find = (name: string, kind: 'struct' | 'union') => {
    const type = btf?.find(name, kind)
    return btf && type ? membersOf(btf, type) : new Map<string, Place>()
  }
  const attr = find('bpf_attr', 'union')
  const { linkCreate, attrMemory, commonAttr, ...flat } = attrLayouts
  const prefixes: Readonly<Record<string, string>> = {
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
  }

  it.each(Object.entries(flat))('%s', (name, table) => {
    if (name === 'progAssocStructOps') return
    const { found, wrong } = compare(attr, table, prefixes[name] ?? '', name)
    expect(wrong).toEqual([])
    expect(found).toBeGreaterThan(0)
  })

  it.each(Object.entries(linkCreate))('linkCreate.%s', (name, table) => {
    const part = ['plain', 'targetBtfId', 'iter'].includes(name) ? '' : `${snakeCase(name)}.`
    const head = { names: new Set(['progFd', 'targetFd', 'attachType', 'flags']), prefix: 'link_create.' }
    const { found, wrong } = compare(attr, table, `link_create.${part}`, 'linkCreate', head)
    expect(wrong).toEqual([])
    expect(found).toBeGreaterThan(0)
  })

  it('infos', () => {
    const { linkInfo, ...infos } = infoLayouts
    const structs = { progInfo: 'bpf_prog_info', mapInfo: 'bpf_map_info', btfInfo: 'bpf_btf_info', tokenInfo: 'bpf_token_info' } as const
    for (const [name, table] of Object.entries(infos)) {
      const { found, wrong } = compare(find(structs[name as keyof typeof structs], 'struct'), table, '', name)
      expect([name, wrong]).toEqual([name, []])
      expect(found).toBeGreaterThan(3)
    }
    const link = find('bpf_link_info', 'struct')
    for (const [name, table] of Object.entries(linkInfo)) {
      const part =
        name.startsWith('perf') && name !== 'perfEvent'
          ? `perf_event.${name === 'perfRaw' ? 'event' : snakeCase(name.slice(4))}.`
          : `${snakeCase(name)}.`
      const { wrong } = compare(link, table, name === 'head' ? '' : part, 'linkInfo', {
        names: new Set(['type', 'id', 'progId']),
        prefix: '',
      })
      expect([name, wrong]).toEqual([name, []])
    }
  })

  it('perf_event_attr', () => {
    const { found, wrong } = compare(find('perf_event_attr', 'struct'), perfEventAttr, '', 'perfEventAttr')
    expect(wrong).toEqual([])
    expect(found).toBeGreaterThan(15)
  })
})
