import { Cursor, decodeCString } from '@bpf/bytes'
import { type AddressMap, addressMap } from './addresses'
import { SectionType, SegmentFlag } from './constants'
import { ElfError } from './errors'
import { type ElfNote, readNotes } from './notes'
import { sectionByName } from './section-data'
import type { ElfFile } from './types'

/**
 * One place where a USDT probe was compiled in; a probe that was inlined or called for in several places has several.
 *
 * Format: https://sourceware.org/systemtap/wiki/UserSpaceProbeImplementation.
 */
export interface UsdtProbe {
  readonly provider: string
  readonly name: string
  /** Address of the instruction, a nop; corrected for prelinking. */
  readonly pc: bigint
  /** Address that `.stapsdt.base` had when the note was written. */
  readonly base: bigint
  /** Address of a 16-bit counter that must be non-zero for the program to prepare the arguments; 0 when there is none. */
  readonly semaphore: bigint
  /** Where the arguments are, in the assembler's words: `-4@%edi 8@-16(%rbp)`. */
  readonly arguments: string
  /** File offset of `pc`; undefined if no executable segment holds it. */
  readonly offset: number | undefined
  /** File offset of `semaphore`; undefined if there is none, or no writable segment holds it. */
  readonly semaphoreOffset: number | undefined
}

const noteName = 'stapsdt'
const noteType = 3
const addressCount = 3

/** The probes of `.note.stapsdt`, in file order; empty if there are none. @throws ElfError */
export function readUsdtProbes(elf: ElfFile): UsdtProbe[] {
  const section = sectionByName(elf, '.note.stapsdt')
  if (section === undefined || section.type !== SectionType.Note) return []
  const maps = { code: addressMap(elf, SegmentFlag.Execute), data: addressMap(elf, SegmentFlag.Write) }
  const base = sectionByName(elf, '.stapsdt.base')?.address
  const probes: UsdtProbe[] = []
  for (const note of readNotes(elf, section)) {
    if (note.name === noteName && note.type === noteType) probes.push(probeOf(note, elf.header.littleEndian, base, maps))
  }
  return probes
}

function probeOf(
  note: ElfNote,
  littleEndian: boolean,
  actualBase: bigint | undefined,
  maps: { readonly code: AddressMap; readonly data: AddressMap },
): UsdtProbe {
  const { descriptor, section, offset } = note
  if (descriptor.length < addressCount * 8) {
    throw new ElfError('ERR_BPF_ELF_NOTE', `USDT note of ${descriptor.length} bytes is too short for its addresses`, { section, offset })
  }
  const c = new Cursor(descriptor, { littleEndian, context: 'USDT note' })
  const linkedPc = c.u64()
  const base = c.u64()
  const linkedSemaphore = c.u64()
  const [provider, name, argumentList] = strings(note, c.bytes(c.remaining))

  // Prelinking moves the section and the code, but does not rewrite notes: the section tells by how much.
  const moved = actualBase === undefined || base === 0n ? 0n : actualBase - base
  const pc = BigInt.asUintN(64, linkedPc + moved)
  const semaphore = linkedSemaphore === 0n ? 0n : BigInt.asUintN(64, linkedSemaphore + moved)
  return {
    provider,
    name,
    pc,
    base,
    semaphore,
    arguments: argumentList,
    offset: maps.code(pc),
    semaphoreOffset: semaphore === 0n ? undefined : maps.data(semaphore),
  }
}

/** Provider, name and arguments, each ended by a NUL. */
function strings({ section, offset }: ElfNote, bytes: Uint8Array): [string, string, string] {
  const first = bytes.indexOf(0)
  const second = first === -1 ? -1 : bytes.indexOf(0, first + 1)
  const third = second === -1 ? -1 : bytes.indexOf(0, second + 1)
  if (third === -1) {
    throw new ElfError('ERR_BPF_ELF_NOTE', 'USDT note lacks one of provider, name and arguments', { section, offset })
  }
  const text = (start: number, end: number) => decodeCString(bytes.subarray(start, end))
  return [text(0, first), text(first + 1, second), text(second + 1, third)]
}
