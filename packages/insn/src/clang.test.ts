import { readFixture } from '@bpf/fixtures'
import { describe, expect, it } from 'vitest'
import { assemble } from './assemble'
import { disassemble } from './disassemble'

const readText = async (file: string) => new TextDecoder().decode(await readFixture(file))

/** Sources with every instruction that clang 19 knows, what it makes of them, and what llvm-objdump prints of that. */
describe.each(['alu', 'memory', 'jumps'])('%s.s', name => {
  it('assembles to the bytes that clang makes of it, in either byte order', async () => {
    const source = await readText(`../bpf/insn/${name}.s`)
    expect(assemble(source, { littleEndian: true }).code).toEqual(await readFixture(`insn/${name}.bin`))
    expect(assemble(source, { littleEndian: false }).code).toEqual(await readFixture(`insn/${name}-be.bin`))
  })

  it('prints as llvm-objdump prints it', async () => {
    const { labels } = assemble(await readText(`../bpf/insn/${name}.s`), { littleEndian: true })
    const names = new Map(Array.from(labels, ([label, slot]) => [slot, label]))
    const printed = disassemble(await readFixture(`insn/${name}.bin`), {
      littleEndian: true,
      alu32: true,
      columns: 'slots',
      label: slot => names.get(slot),
    })
    expect(linesOf(ours(printed))).toEqual(linesOf(llvm(await readText(`insn/${name}.txt`))))
  })

  it('assembles again from what is printed', async () => {
    for (const littleEndian of [true, false]) {
      const code = await readFixture(`insn/${name}${littleEndian ? '' : '-be'}.bin`)
      for (const symbolic of [true, false]) {
        expect(assemble(disassemble(code, { littleEndian, symbolic }), { littleEndian }).code).toEqual(code)
      }
    }
  })
})

const linesOf = (text: string) => text.split('\n').filter(line => line !== '')
const withoutNotes = (text: string) => text.replace(/ <[^<>=]*>$/gm, '')

/** LLVM writes calls of functions and of helpers alike. Labels of places that have no symbol are ours. */
const ours = (text: string) =>
  withoutNotes(text)
    .replaceAll('call pc+', 'call ')
    .replace(/^L\d+:\n/gm, '')

/** Labels as LLVM writes them stand behind an address. */
const llvm = (text: string) => withoutNotes(text).replace(/^[0-9a-f]{16} <(.*)>:$/gm, '$1:')
