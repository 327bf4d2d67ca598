import { execFileSync, spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type ElfSection, parseElf, SectionFlag, SectionType, sectionData } from '@bpf/elf'
import { disassemble } from '@bpf/insn'
import { describe, expect, it } from 'vitest'

const objdump = ['llvm-objdump-19'].find(command => spawnSync(command, ['--version'], { stdio: 'ignore' }).status === 0)
const needs = objdump === undefined ? ' (needs llvm-objdump-19)' : ''

const directory = fileURLToPath(new URL('../../../../packages/fixtures/objects', import.meta.url))
const objects = readdirSync(directory, { recursive: true, encoding: 'utf8' }).filter(name => name.endsWith('.o'))

/** Instructions by file and section, as lines of `slot: text`. */
type Listing = Record<string, string[]>

const isInstruction = (line: string) => /^\s+\d+:\t/.test(line)
/** What the tools say beside the instruction is their own. */
const withoutNote = (line: string) => line.trim().replace(/ <[^<>=]*>$/, '')

/** What LLVM 19 does not know yet: jumps through a table. */
const newerThanLlvm = /^(\d+:\t)gotox .*/

/** Many files at once: the tool takes longer to start than to read them. But all take the byte order of the first. */
function llvm(command: string): Listing {
  const bigEndian = objects.filter(name => name.includes('-be'))
  return {
    ...listingOf(command, bigEndian),
    ...listingOf(
      command,
      objects.filter(name => !bigEndian.includes(name)),
    ),
  }
}

function listingOf(command: string, files: readonly string[]): Listing {
  const args = ['-d', '-z', '--no-show-raw-insn', '--mcpu=v4', ...files]
  const text = execFileSync(command, args, { cwd: directory, encoding: 'utf8', maxBuffer: 1 << 28, stdio: ['ignore', 'pipe', 'ignore'] })
  const listing: Listing = {}
  let file = ''
  let lines: string[] = []
  for (const line of text.split('\n')) {
    file = /^(.*\.o):\s+file format/.exec(line)?.[1] ?? file
    const section = /^Disassembly of section (.*):$/.exec(line)?.[1]
    if (section !== undefined) {
      lines = listing[`${file} ${section}`] ?? []
      listing[`${file} ${section}`] = lines
    } else if (isInstruction(line)) lines.push(withoutNote(line))
  }
  return listing
}

const isCode = ({ type, flags, size }: ElfSection) => type === SectionType.Progbits && (flags & SectionFlag.ExecInstr) !== 0 && size > 0

function ours(): Listing {
  const listing: Listing = {}
  for (const file of objects) {
    const elf = parseElf(readFileSync(join(directory, file)))
    for (const section of elf.sections.filter(isCode)) {
      const text = disassemble(sectionData(elf, section), { littleEndian: elf.header.littleEndian, alu32: true, columns: 'slots' })
      // LLVM writes calls of functions and of helpers alike.
      const lines = text.split('\n').filter(isInstruction)
      const key = `${file} ${section.name}`
      const asLlvm = (line: string) =>
        withoutNote(line)
          .replace(/call pc\+?/, 'call ')
          .replace(newerThanLlvm, '$1<unknown>')
      listing[key] = [...(listing[key] ?? []), ...lines.map(asLlvm)]
    }
  }
  return listing
}

describe('disassembly', () => {
  it.skipIf(objdump === undefined)(`of every object of ours is what llvm-objdump prints${needs}`, { timeout: 120_000 }, () => {
    const expected = llvm(objdump ?? '')
    expect(Object.values(expected).flat().length).toBeGreaterThan(8000)
    expect(ours()).toEqual(expected)
  })
})
