import type { Io } from '@bpf/terminal'
import { withKernel } from '../context'
import { formatCompany, readCompany } from '../objects/company'
import { printDetails, printTable } from '../objects/print'
import { type ListOptions, printListing } from '../objects/print-all'
import { readObjects } from '../objects/read'
import { onlySelector } from '../selector'
import { bpftoolMap } from './bpftool'
import { formatMapFlags, type MapFacts, readMapFacts } from './facts'

interface Invocation {
  readonly positionals: readonly string[]
  readonly options: ListOptions
  readonly io: Io
}

/** `bpf map list [SELECTOR]` */
export function runMapList({ positionals, options, io }: Invocation): Promise<number> {
  const selector = onlySelector(positionals, 'map', io)
  return withKernel(context => {
    const companyOf = readCompany(context, 'map')
    const found = readObjects(context, 'map', selector, fd => readMapFacts(context, fd, companyOf))
    return printListing(
      {
        found,
        selected: selector !== undefined,
        bpftool: bpftoolMap,
        table: maps => printMaps(maps, io),
        details: map => printMap(map, io),
        noun: 'maps',
      },
      options,
      io,
    )
  })
}

function printMaps(maps: readonly MapFacts[], io: Io): void {
  const rows = maps.map(map => [
    String(map.id),
    map.type,
    map.name || '-',
    String(map.keySize),
    String(map.valueSize),
    String(map.maxEntries),
    map.memlockBytes === null ? '-' : String(map.memlockBytes),
    formatCompany(map) || '-',
  ])
  printTable(['ID', 'TYPE', 'NAME', 'KEY', 'VALUE', 'ENTRIES', 'MEMORY', 'HELD BY'], rows, io)
}

function printMap(map: MapFacts, io: Io): void {
  const { id, name, flags, ownerProgType } = map
  printDetails(
    `map ${id}${name && ` ${name}`}`,
    {
      type: map.type,
      key: `${map.keySize} bytes`,
      value: `${map.valueSize} bytes`,
      'max entries': map.maxEntries,
      flags: flags === 0 ? undefined : formatMapFlags(flags),
      extra: map.mapExtra === 0n ? undefined : map.mapExtra,
      memory: map.memlockBytes === null ? undefined : `${map.memlockBytes} bytes`,
      frozen: map.frozen ? 'no more writes from user space' : undefined,
      btf: map.btfId || undefined,
      device: map.ifindex || undefined,
      owner: ownerProgType === null ? undefined : `${ownerProgType} programs${map.ownerJited ? ', native code' : ''}`,
      'pinned at': map.pinned,
      'held by': map.pids.map(({ pid, command }) => `${command} ${pid}`),
    },
    io,
  )
}
