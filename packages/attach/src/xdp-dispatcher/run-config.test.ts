import { parseBtf } from '@bpf/btf'
import { parseElf, sectionByName, sectionData } from '@bpf/elf'
import { readFixture } from '@bpf/fixtures'
import { expect, it } from 'vitest'
import { actionBits, actionsOf, readRunConfig } from './run-config'

const elf = parseElf(await readFixture('attach/xdp-chain.o'))
const section = sectionByName(elf, '.BTF')
const btf = section && parseBtf(sectionData(elf, section))

it.each([
  ['count_all', { priority: 10, chainCallActions: ['XDP_DROP', 'XDP_PASS'] }],
  ['drop_all', { priority: 20, chainCallActions: ['XDP_PASS'] }],
  ['another', { priority: 50, chainCallActions: ['XDP_PASS'] }],
])('an object says how %s runs among others', (program, config) => {
  expect(readRunConfig(btf, program)).toEqual(config)
})

it('an object without type information says nothing', () => {
  expect(readRunConfig(undefined, 'count_all')).toEqual({ priority: 50, chainCallActions: ['XDP_PASS'] })
})

it('actions are a bit each', () => {
  expect(actionBits(['XDP_PASS', 'XDP_REDIRECT'])).toBe(0b10100)
  expect(actionsOf(0x8000_0006 | 0)).toEqual(['XDP_DROP', 'XDP_PASS'])
})
