import { companyColumn, companyFacts, readCompany } from '../objects/company'
import { type ListInvocation, type ObjectListing, runList } from '../objects/list'
import { type Details, nothing } from '../objects/print'
import { readObjects } from '../objects/read'
import { bpftoolMap } from './bpftool'
import { formatMapFlags, type MapFacts, readMapFacts } from './facts'

/** `bpf map list [SELECTOR]` */
export function runMapList(invocation: ListInvocation): Promise<number> {
  return runList(mapListing, invocation)
}

export const mapListing: ObjectListing<MapFacts> = {
  kind: 'map',
  none: 'no maps',
  read: (context, selector) => {
    const companyOf = readCompany(context, 'map')
    return readObjects(context, 'map', selector, fd => readMapFacts(context, fd, companyOf))
  },
  columns: [
    { title: 'ID', cell: ({ id }) => String(id) },
    { title: 'TYPE', cell: ({ type }) => type },
    { title: 'NAME', keep: 'all', cell: ({ name }) => name || nothing },
    { title: 'KEY', cell: ({ keySize }) => String(keySize) },
    { title: 'VALUE', cell: ({ valueSize }) => String(valueSize) },
    { title: 'ENTRIES', cell: ({ maxEntries }) => String(maxEntries) },
    { title: 'MEMORY', optional: true, cell: ({ memlockBytes }) => (memlockBytes === null ? nothing : String(memlockBytes)) },
    companyColumn,
  ],
  details: mapDetails,
  bpftool: bpftoolMap,
}

function mapDetails(map: MapFacts): Details {
  const { id, name, flags, ownerProgType } = map
  return {
    heading: `map ${id}${name && ` ${name}`}`,
    facts: {
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
      ...companyFacts(map),
    },
  }
}
