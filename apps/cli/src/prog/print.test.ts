import { ProgType } from '@bpf/sys'
import { describe, it } from 'vitest'
import { printListing } from '../disasm/print'
import { expectGolden } from '../testing/golden'
import { printNative } from './print-native'
import { printResult } from './run'

const golden = (name: string) => new URL(`golden/${name}.txt`, import.meta.url)

/** if (map_lookup(map 3, …)) add(1), as the kernel shows it. */
const listing: Parameters<typeof printListing>[0] = {
  name: 'count',
  section: 'xdp',
  littleEndian: true,
  code: Uint8Array.from(
    [
      '1801000003000000',
      '0000000000000000',
      '85000000f0c20100',
      '1500010000000000',
      '8510000001000000',
      'b700000002000000',
      '9500000000000000',
      'b700000000000000',
      '9500000000000000',
    ]
      .join('')
      .match(/../g) ?? [],
    pair => Number.parseInt(pair, 16),
  ),
  functions: new Map([
    [0, 'count'],
    [7, 'add'],
  ]),
  notes: new Map([
    [0, 'map 3 counts'],
    [2, '__htab_map_lookup_elem'],
  ]),
  source: new Map([
    [0, { text: 'long *count = bpf_map_lookup_elem(&counts, &key);', file: 'count.bpf.c', line: 12, column: 17 }],
    [3, { text: 'if (count)', file: 'count.bpf.c', line: 13, column: 7 }],
  ]),
}

describe('bpf prog dump', () => {
  it('shows instructions, source, labels and names', () =>
    expectGolden(golden('dump'), undefined, io => printListing(listing, { opcodes: false }, io)))

  it('shows the bytes too', () => expectGolden(golden('dump-opcodes'), undefined, io => printListing(listing, { opcodes: true }, io)))

  it('shows where source lines stand', () =>
    expectGolden(golden('dump-linum'), undefined, io => printListing(listing, { opcodes: false, linum: true }, io)))

  it('shows native code', () => {
    const code = Uint8Array.from({ length: 37 }, (_, i) => i * 7)
    const native = { name: 'bpf_prog_3b185187f1855c4c_count', address: 0xffff_ffff_c000_1234n, code }
    return expectGolden(golden('dump-jited'), undefined, io => printNative(native, io))
  })
})

describe('bpf prog run', () => {
  it('says what was returned, and what became of the packet', () => {
    const bytes = (length: number) => Uint8Array.from({ length }, (_, i) => i)
    const result = { returnValue: 2, duration: 123, data: bytes(20), context: bytes(4) }
    return expectGolden(golden('run'), undefined, io => printResult(ProgType.Xdp, result, io))
  })
})
