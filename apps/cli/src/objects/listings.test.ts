import type { Io } from '@bpf/terminal'
import { describe, expect, it } from 'vitest'
import { btfListing } from '../btf/list'
import { cgroupListing, cgroupTree } from '../cgroup/list'
import { linkListing } from '../link/list'
import { mapListing } from '../map/list'
import { netListing } from '../net/list'
import { perfListing } from '../perf/list'
import { programListing } from '../prog/list'
import { btfs, cgroupPrograms, links, maps, netHooks, perfHolders, programs } from '../testing/facts'
import { expectGolden } from '../testing/golden'
import { recordingIo } from '../testing/recording-io'
import { type Listing, type ObjectListing, printListing } from './list'
import { printDetails } from './print'

interface Case {
  readonly name: string
  readonly none: string
  readonly print: (io: Io) => void
  readonly printNone: (io: Io) => void
}

/** Ties the facts to their listing. */
function listed<T>(name: string, listing: Omit<Listing<T>, 'bpftool'>, facts: readonly T[]): Case {
  const print = (items: readonly T[], io: Io) =>
    printListing({ ...listing, bpftool: () => [] }, items, { json: false, 'bpftool-json': false }, io)
  return { name, none: listing.none, print: io => print(facts, io), printNone: io => print([], io) }
}

const cases = [
  listed('prog-list', programListing, programs),
  listed('map-list', mapListing, maps),
  listed('link-list', linkListing, links),
  listed('btf-list', btfListing, btfs),
  listed('net-list', netListing, netHooks),
  listed('cgroup-list', cgroupListing, cgroupPrograms),
  listed('cgroup-tree', cgroupTree, cgroupPrograms),
  listed('perf-list', perfListing, perfHolders),
]

const golden = (name: string) => new URL(`golden/${name}.txt`, import.meta.url)

describe.each(cases)('$name', ({ name, none, print, printNone }) => {
  it.each([80, 120])('fits a terminal of %i columns', columns => expectGolden(golden(`${name}-${columns}`), columns, print))

  it('is whole on a pipe', () => expectGolden(golden(name), undefined, print))

  it('says so when there is nothing', () => {
    const { io, out, notes } = recordingIo(80)
    printNone(io)
    expect({ out, notes }).toEqual({ out: [], notes: [none] })
  })
})

describe('everything about one', () => {
  const shown = <T>({ details }: ObjectListing<T>, facts: readonly T[]) => {
    return (io: Io) => {
      for (const item of facts) printDetails(details(item), io)
    }
  }

  it.each([
    ['prog-show', shown(programListing, programs)],
    ['map-show', shown(mapListing, maps)],
    ['link-show', shown(linkListing, links)],
    ['btf-show', shown(btfListing, btfs)],
  ])('%s', (name, print) => expectGolden(golden(name), 80, print))
})
