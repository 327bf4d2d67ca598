import { describe, expect, it } from 'vitest'
import { assemble } from './assemble'
import { disassemble, disassembleLines } from './disassemble'
import { formatInstruction } from './format'

const program = `
  entry:
    r6 = r1
    r1 = map_fd(0x3) ll
    r2 = *(u32 *)(r6 + 4)
    call bpf_map_lookup_elem
    if r0 == 0 goto out
    call count
    goto entry
  out:
    r0 = 0
    exit
  count:
    call kfunc 0x4d2, 1
    .8byte 0xff
    exit`
const { code, labels } = assemble(program, { littleEndian: true })
const names = new Map(Array.from(labels, ([label, slot]) => [slot, label]))

describe('disassemble', () => {
  it('numbers the labels that have no name', () => {
    expect(disassemble(code, { littleEndian: true })).toMatchInlineSnapshot(`
      "L1:
        r6 = r1
        r1 = map_fd(0x3) ll
        r2 = *(u32 *)(r6 + 0x4)
        call 0x1
        if r0 == 0x0 goto +0x2 <L2>
        call pc+0x3 <L3>
        goto -0x8 <L1>
      L2:
        r0 = 0x0
        exit
      L3:
        call kfunc 0x4d2, 0x1
        .byte 0xff, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00 # no instruction has opcode 0xff
        exit
      "
    `)
  })

  it('names what the caller knows, and columns are those of llvm-objdump', () => {
    const text = disassemble(code, {
      littleEndian: true,
      alu32: true,
      helperNames: true,
      columns: 'bytes',
      label: slot => names.get(slot),
      note: (slot, { kind }) => (kind === 'callKfunc' ? 'bpf_task_acquire' : slot === 1 ? 'map events' : undefined),
      source: slot => (slot === 0 ? 'int entry(struct ctx *ctx)\n{' : undefined),
    })
    expect(text).toMatchInlineSnapshot(`
      "entry:
      ; int entry(struct ctx *ctx)
      ; {
             0:	bf 16 00 00 00 00 00 00	r6 = r1
             1:	18 11 00 00 03 00 00 00 00 00 00 00 00 00 00 00	r1 = map_fd(0x3) ll <map events>
             3:	61 62 04 00 00 00 00 00	w2 = *(u32 *)(r6 + 0x4)
             4:	85 00 00 00 01 00 00 00	call bpf_map_lookup_elem#1
             5:	15 00 02 00 00 00 00 00	if r0 == 0x0 goto +0x2 <out>
             6:	85 10 00 00 03 00 00 00	call pc+0x3 <count>
             7:	05 00 f8 ff 00 00 00 00	goto -0x8 <entry>
      out:
             8:	b7 00 00 00 00 00 00 00	r0 = 0x0
             9:	95 00 00 00 00 00 00 00	exit
      count:
            10:	85 20 01 00 d2 04 00 00	call kfunc 0x4d2, 0x1 <bpf_task_acquire>
            11:	ff 00 00 00 00 00 00 00	.byte 0xff, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00 # no instruction has opcode 0xff
            12:	95 00 00 00 00 00 00 00	exit
      "
    `)
  })

  it('jumps by label when asked to', () => {
    expect(disassemble(code, { littleEndian: true, symbolic: true, label: slot => names.get(slot) })).toMatchInlineSnapshot(`
      "entry:
        r6 = r1
        r1 = map_fd(0x3) ll
        r2 = *(u32 *)(r6 + 0x4)
        call 0x1
        if r0 == 0x0 goto out
        call count
        goto entry
      out:
        r0 = 0x0
        exit
      count:
        call kfunc 0x4d2, 0x1
        .byte 0xff, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00 # no instruction has opcode 0xff
        exit
      "
    `)
  })

  it('gives lines with their slots', () => {
    expect(disassembleLines(code, { littleEndian: true }).slice(0, 3)).toEqual([
      { kind: 'label', slot: 0, slots: 0, text: 'L1:' },
      { kind: 'instruction', slot: 0, slots: 1, text: 'r6 = r1' },
      { kind: 'instruction', slot: 1, slots: 2, text: 'r1 = map_fd(0x3) ll' },
    ])
  })

  it('has no label for places where no instruction begins', () => {
    const jumpsInto = assemble('goto +1; r1 = 1 ll; goto +100; goto -100', { littleEndian: true }).code
    expect(disassemble(jumpsInto, { littleEndian: true, symbolic: true })).toBe(
      ['  goto +0x1', '  r1 = 0x1 ll', '  goto +0x64', '  goto -0x64', ''].join('\n'),
    )
  })

  it('makes equal names different', () => {
    const text = disassemble(assemble('exit; exit; exit', { littleEndian: true }).code, { littleEndian: true, label: () => 'f' })
    expect(text).toBe('f:\n  exit\nf.1:\n  exit\nf.2:\n  exit\n')
  })
})

describe('formatInstruction', () => {
  it('writes narrow loads and stores with either register name', () => {
    const load = { kind: 'load', bits: 32, signed: false, dst: 1, base: 2, offset: -4 } as const
    expect([formatInstruction(load), formatInstruction(load, { alu32: true })]).toEqual([
      'r1 = *(u32 *)(r2 - 0x4)',
      'w1 = *(u32 *)(r2 - 0x4)',
    ])
  })

  it('has a form for what LLVM 19 does not know', () => {
    expect([
      formatInstruction({ kind: 'loadAcquire', bits: 8, dst: 0, base: 1, offset: 0 }),
      formatInstruction({ kind: 'storeRelease', bits: 64, base: 1, offset: 8, src: 2 }),
      formatInstruction({ kind: 'gotox', register: 1 }),
      formatInstruction({ kind: 'loadImm64', dst: 1, pseudo: 2, value: 0x8_0000_0003n }),
      formatInstruction({ kind: 'loadImm64', dst: 1, pseudo: 4, value: 5n }),
      formatInstruction({ kind: 'callFunction', distance: -5 }),
      formatInstruction({ kind: 'callKfunc', btfId: 1234, module: 0 }),
      formatInstruction({ kind: 'percpuAddress', dst: 0, src: 0 }),
    ]).toEqual([
      'w0 = load_acquire((u8 *)(r1 + 0x0))',
      'store_release((u64 *)(r1 + 0x8), r2)',
      'gotox r1',
      'r1 = map_value(0x3, 0x8) ll',
      'r1 = func(pc+0x5) ll',
      'call pc-0x5',
      'call kfunc 0x4d2',
      'r0 = &(void __percpu *)(r0)',
    ])
  })

  it('keeps a note inside its brackets', () => {
    expect(formatInstruction({ kind: 'exit' }, { note: 'a<b>;\n#/' })).toBe('exit <a_b_____>')
  })
})
