import { type MapInfo, MapType } from '@bpf/sys'
import { describe, expect, it } from 'vitest'
import { expectGolden } from '../testing/golden'
import { recordingIo } from '../testing/recording-io'
import { expectToMatchSchema } from '../testing/schema'
import { bpftoolEntryOf } from './bpftool-entry'
import { type Entry, printBpftoolEntries, printDocument, printEntries } from './print-entries'

const golden = (name: string) => new URL(`golden/${name}.txt`, import.meta.url)

const entries: Readonly<Record<string, readonly Entry[]>> = {
  typed: [
    {
      key: { pid: 1, command: 'systemd' },
      value: { reads: 18_446_744_073_709_551_615n, file: '/usr/lib/systemd/systemd', duration_ns: 684_958n },
    },
    {
      key: { pid: 1_048_576, command: 'network-監視' },
      value: { reads: 3n, file: '/opt/very/long/prefix/of/an/installation/bin/monitor', duration_ns: 0n },
    },
  ],
  bytes: [
    { key: Uint8Array.of(1, 0, 0, 0), value: Uint8Array.from({ length: 48 }, (_, i) => i) },
    { key: Uint8Array.of(2, 0, 0, 0), value: Uint8Array.from({ length: 48 }, (_, i) => 255 - i) },
  ],
  'per-cpu': [{ key: 7, values: [1n, 2n] }],
  descriptors: [
    { key: 0, id: 12 },
    { key: 5, id: 1_048_577 },
  ],
}

describe.each(Object.entries(entries))('bpf map dump of %s entries', (name, some) => {
  it.each([80, 120])('fits a terminal of %i columns', columns =>
    expectGolden(golden(`${name}-${columns}`), columns, io => printEntries('counts', some, io)),
  )

  it('says how many there are', () => {
    const { io, notes } = recordingIo()
    printEntries('counts', some, io)
    expect(notes).toEqual([`counts: ${some.length} ${some.length === 1 ? 'entry' : 'entries'}`])
  })

  it('is one document as JSON', () => {
    const { io, out } = recordingIo()
    printDocument({ id: 3, name: 'counts', type: MapType.Hash }, some, io)
    expectToMatchSchema(JSON.parse(out.join('\n')), 'map-dump')
  })
})

it("bpf map dump --bpftool-json is bpftool's JSON", () => {
  const info = { type: MapType.Hash, valueSize: 48, btfId: 0 } as MapInfo
  // The kernel is asked for BTF only, and the map has none.
  const show = bpftoolEntryOf(undefined as never, info)
  return expectGolden(golden('bytes-bpftool'), undefined, io => printBpftoolEntries(entries['bytes'] ?? [], show, io))
})
