import { BpfError } from '@bpf/bytes'
import { fuzz, fuzzSettings, readFixture } from '@bpf/fixtures'
import { expect, it } from 'vitest'
import { analyzeFlow, assemble, buildCfg, cfgToDot, decode, disassemble, encode, programTag } from './index'

const sources = ['alu', 'memory', 'jumps']
const isExpected = (error: unknown) => error instanceof BpfError

it('takes any code', { timeout: 0 }, async () => {
  const inputs = await Promise.all(sources.map(name => readFixture(`insn/${name}.bin`)))
  const parse = (code: Uint8Array) => {
    const instructions = decode(code, true).map(({ instruction }) => instruction)
    if (toText(encode(instructions, true)) !== toText(code)) throw new Error('encoded to other bytes')
    const text = disassemble(code, { littleEndian: true, symbolic: true, helperNames: true })
    if (toText(assemble(text, { littleEndian: true }).code) !== toText(code)) throw new Error(`assembled to other bytes:\n${text}`)
    const cfg = buildCfg(code, { littleEndian: true })
    analyzeFlow(cfg)
    cfgToDot(cfg)
    programTag(code, { littleEndian: true })
  }
  const { accepted, rejected } = fuzz({ name: 'code', ...fuzzSettings(600), inputs, parse, isExpected })
  expect(accepted).toBeGreaterThan(0)
  expect(rejected).toBeGreaterThan(0)
})

it('takes any text', { timeout: 0 }, async () => {
  const inputs = await Promise.all(sources.map(name => readFixture(`../bpf/insn/${name}.s`)))
  const parse = (bytes: Uint8Array) => {
    const { code } = assemble(new TextDecoder().decode(bytes), { littleEndian: true, externs: true })
    decode(code, true)
  }
  const { accepted, rejected } = fuzz({ name: 'assembler text', ...fuzzSettings(3000), inputs, parse, isExpected })
  expect(accepted).toBeGreaterThan(0)
  expect(rejected).toBeGreaterThan(0)
})

const toText = (code: Uint8Array) => code.join()
