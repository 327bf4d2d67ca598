import { toHex } from '@bpf/bytes'
import { type DisassembledLine, disassembleLines } from '@bpf/insn'
import type { Io } from '@bpf/terminal'
import type { Listing, SourceLine } from './listing'

/** What `bpf disasm --json` prints of a listing. */
export interface ListingDocument {
  readonly name: string
  readonly section: string
  readonly lines: readonly (
    | { readonly kind: 'label'; readonly slot: number; readonly text: string }
    | ({ readonly kind: 'source'; readonly slot: number; readonly text: string } & Partial<Omit<SourceLine, 'text'>>)
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
    source: slot => source.get(slot)?.text,
  })
}

export interface ListingOptions {
  /** The bytes of each instruction, too. */
  readonly opcodes: boolean
  /** File, line and column of each source line, too. */
  readonly linum?: boolean
}

export function listingDocument(listing: Listing, { linum = false }: Pick<ListingOptions, 'linum'> = {}): ListingDocument {
  const { name, section } = listing
  return {
    name,
    section,
    lines: linesOf(listing).map(line => {
      const { kind, slot, text } = line
      if (kind === 'instruction') return { kind, slot, bytes: bytesOf(listing, line), text }
      return kind === 'source' && linum ? { ...listing.source.get(slot), kind, slot, text } : { kind, slot, text }
    }),
  }
}

export function printListing(listing: Listing, options: ListingOptions, io: Io): void {
  io.out(io.style('bold', `${listing.name} (section ${listing.section}, ${listing.code.byteLength / slotSize} slots)`))
  for (const line of linesOf(listing)) io.out(lineText(line, listing, options, io))
}

function lineText(line: DisassembledLine, listing: Listing, { opcodes, linum = false }: ListingOptions, io: Io): string {
  if (line.kind === 'label') return io.style('yellow', line.text)
  if (line.kind === 'source') return io.style('cyan', `; ${line.text}`) + (linum ? io.style('dim', placeOf(listing, line)) : '')
  const slot = `${String(line.slot).padStart(6)}:  `
  if (!opcodes) return slot + line.text
  const [first = '', second] = bytesOf(listing, line).match(/.{16}/g) ?? []
  const text = `${slot}${io.style('dim', spaced(first))}  ${line.text}`
  return second === undefined ? text : `${text}\n${' '.repeat(slot.length)}${io.style('dim', spaced(second))}`
}

function placeOf({ source }: Listing, { slot }: DisassembledLine): string {
  const place = source.get(slot)
  return place === undefined ? '' : `  [${place.file}:${place.line}:${place.column}]`
}

function spaced(bytes: string): string {
  return bytes.replace(/..(?=.)/g, '$& ')
}

function bytesOf({ code }: Listing, { slot, slots }: DisassembledLine): string {
  return toHex(code.subarray(slot * slotSize, (slot + slots) * slotSize))
}
