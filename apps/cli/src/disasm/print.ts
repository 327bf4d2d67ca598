import { toHex } from '@bpf/bytes'
import { type DisassembledLine, disassembleLines } from '@bpf/insn'
import type { Io } from '@bpf/terminal'
import type { Listing } from './listing'

/** What `bpf disasm --json` prints of a listing. */
export interface ListingDocument {
  readonly name: string
  readonly section: string
  readonly lines: readonly (
    | { readonly kind: 'label' | 'source'; readonly slot: number; readonly text: string }
    | { readonly kind: 'instruction'; readonly slot: number; readonly bytes: string; readonly text: string }
  )[]
}

const slotSize = 8

/** Labels, source lines and instructions, in order. */
function linesOf({ code, littleEndian, functions, notes, source }: Listing): DisassembledLine[] {
  return disassembleLines(code, {
    littleEndian,
    helperNames: true,
    label: slot => functions.get(slot),
    note: slot => notes.get(slot),
    source: slot => source.get(slot),
  })
}

export function listingDocument(listing: Listing): ListingDocument {
  const { name, section } = listing
  return {
    name,
    section,
    lines: linesOf(listing).map(line => {
      const { kind, slot, text } = line
      return kind === 'instruction' ? { kind, slot, bytes: bytesOf(listing, line), text } : { kind, slot, text }
    }),
  }
}

export function printListing(listing: Listing, { opcodes }: { readonly opcodes: boolean }, io: Io): void {
  io.out(io.style('bold', `${listing.name} (section ${listing.section}, ${listing.code.byteLength / slotSize} slots)`))
  for (const line of linesOf(listing)) io.out(lineText(line, listing, opcodes, io))
}

function lineText(line: DisassembledLine, listing: Listing, opcodes: boolean, io: Io): string {
  if (line.kind === 'label') return io.style('yellow', line.text)
  if (line.kind === 'source') return io.style('cyan', `; ${line.text}`)
  const slot = `${String(line.slot).padStart(6)}:  `
  if (!opcodes) return slot + line.text
  const [first = '', second] = bytesOf(listing, line).match(/.{16}/g) ?? []
  const text = `${slot}${io.style('dim', spaced(first))}  ${line.text}`
  return second === undefined ? text : `${text}\n${' '.repeat(slot.length)}${io.style('dim', spaced(second))}`
}

function spaced(bytes: string): string {
  return bytes.replace(/..(?=.)/g, '$& ')
}

function bytesOf({ code }: Listing, { slot, slots }: DisassembledLine): string {
  return toHex(code.subarray(slot * slotSize, (slot + slots) * slotSize))
}
